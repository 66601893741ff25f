using System.Text.Json;
using System.Text.Json.Nodes;
using Axis.TestKit;

namespace Axis.Hub.Tests.Contracts;

/// <summary>The checker itself: a checker that lets all pass would make every other test here worthless.</summary>
public sealed class ContractSchemaTests
{
    private const string Receipt = """
        {
          "packageId": "019aa9a5-0a2b-7c44-a1d2-3f4e5d6c7b04", "kind": "status",
          "deliveryId": "019aa9a0-4c12-7a10-8c3d-2b1e0d9f7c02", "documentId": "d", "status": "03",
          "outcome": "applied", "stage": "received", "receivedAt": "2026-11-22T08:20:41.507+07:00",
          "sha256": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9", "size": 1715
        }
        """;

    [Test]
    public void What_is_as_described_passes() =>
        Assert.That(MismatchesOf("AnyReceipt", Receipt), Is.Empty);

    [TestCase("kind", "\"recall\"", "$: is none of the described")]
    [TestCase("packageId", "\"19aa9a5\"", "$.packageId: 19aa9a5 is no uuid")]
    [TestCase("packageId", "7", "$.packageId: Number where string")]
    [TestCase("status", "\"07\"", "$.status: 07 is none of")]
    [TestCase("status", "3", "$.status: Number where string")]
    [TestCase("receivedAt", "\"2026-11-22T01:20:41Z\"", "$.receivedAt: 2026-11-22T01:20:41Z is no")]
    [TestCase("receivedAt", "\"2026-13-22T01:20:41+07:00\"", "is no date-time")]
    [TestCase("sha256", "\"FCDE\"", "$.sha256: FCDE does not match")]
    [TestCase("size", "0", "$.size: 0 is beyond minimum 1")]
    [TestCase("size", "1.5", "$.size: Number where integer")]
    [TestCase("documentId", "null", "$.documentId: null is never written")]
    [TestCase("more", "true", "$.more: is not described")]
    public void What_differs_is_named(string member, string value, string expected)
    {
        var receipt = JsonNode.Parse(Receipt)!.AsObject();
        receipt[member] = JsonNode.Parse(value);

        Assert.That(
            MismatchesOf("AnyReceipt", receipt.ToJsonString()),
            Has.Some.Contains(expected)
        );
    }

    [Test]
    public void What_is_missing_is_named() =>
        Assert.That(
            MismatchesOf(
                "Inbox",
                """{"items":[{"deliveryId":"019aa9a5-0a2b-7c44-a1d2-3f4e5d6c7b04"}]}"""
            ),
            Has.Count.EqualTo(15).And.Some.StartsWith("$.items[0].sha256: is required")
        );

    [Test]
    public void A_list_is_no_object() =>
        Assert.That(
            MismatchesOf("Inbox", """{"items":{}}"""),
            Has.Count.EqualTo(1).And.Some.StartsWith("$.items: Object where array")
        );

    [Test]
    public void An_empty_list_of_errors_is_too_short() =>
        Assert.That(
            MismatchesOf(
                "Problem",
                """{"type":"t","title":"t","status":400,"detail":"d","errors":[]}"""
            ),
            Has.Some.Contains("is beyond minItems 1")
        );

    [Test]
    public void A_keyword_that_the_checker_does_not_know_fails_instead_of_passing()
    {
        var schema = new ContractNode(
            ContractFile.Load("openapi.yaml"),
            "#",
            JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"string","not":{}}}}""")!
        );

        Assert.That(
            () => ContractSchema.AssertReadable(schema),
            Throws.TypeOf<ContractException>().With.Message.Contains("does not know not")
        );
    }

    private static IReadOnlyList<string> MismatchesOf(string schema, string json) =>
        ContractSchema.MismatchesOf(
            ContractFile.Load("openapi.yaml").Follow("#/components/schemas/" + schema),
            JsonSerializer.Deserialize<JsonElement>(json)
        );
}
