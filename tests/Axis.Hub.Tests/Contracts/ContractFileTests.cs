using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.TestKit;

namespace Axis.Hub.Tests.Contracts;

/// <summary>The contracts by themselves: they can be read whole, and their examples are what they describe.</summary>
public sealed class ContractFileTests
{
    private static readonly string[] s_names =
    [
        "openapi.yaml",
        "openapi-vxp.yaml",
        "openapi-ops.yaml",
        "asyncapi.yaml",
    ];

    [TestCaseSource(nameof(s_names))]
    public void Every_reference_leads_somewhere(string name)
    {
        var file = ContractFile.Load(name);
        var references = Everything(file.Root.Value)
            .OfType<JsonObject>()
            .Where(node => node["$ref"] is JsonValue)
            .Select(node => node["$ref"]!.ToString())
            .ToArray();

        Assert.That(references, Is.Not.Empty);
        foreach (var reference in references)
        {
            Assert.That(() => file.Follow(reference), Throws.Nothing);
        }
    }

    [TestCaseSource(nameof(s_names))]
    public void Every_schema_is_one_the_checker_understands(string name)
    {
        var schemas = SchemasOf(ContractFile.Load(name)).ToArray();

        Assert.That(schemas, Has.Length.GreaterThan(5));
        foreach (var schema in schemas)
        {
            Assert.That(() => ContractSchema.AssertReadable(schema), Throws.Nothing);
        }
    }

    [Test]
    public void Every_example_is_what_its_schema_describes()
    {
        var examples = ExamplesOf(ContractHttp.Public)
            .Concat(ExamplesOf(ContractHttp.Vxp))
            .Concat(ExamplesOf(ContractHttp.Ops))
            .Concat(
                from message in ContractAmqp.File.Root["components"]!["messages"]!.Members
                from example in message.Node["examples"]?.Items ?? []
                select (message.Node["payload"]!, example["payload"]!)
            )
            .ToArray();

        Assert.That(examples, Has.Length.GreaterThan(10));
        foreach (var (schema, example) in examples)
        {
            Assert.That(
                ContractSchema.MismatchesOf(
                    schema,
                    JsonSerializer.SerializeToElement(example.Value)
                ),
                Is.Empty,
                example.ToString()
            );
        }
    }

    [TestCaseSource(nameof(s_names))]
    public void Every_error_number_is_in_the_catalogue(string name)
    {
        var known = ErrorCatalogue
            .All.Select(error => error.Code)
            .Concat(Rules.All.Select(rule => $"AXIS-{rule.Number}"));
        var named = Everything(ContractFile.Load(name).Root.Value)
            .OfType<JsonValue>()
            .SelectMany(text =>
                Regex.Matches(text.ToString(), @"AXIS-\d{4}", RegexOptions.NonBacktracking)
            )
            .Select(number => number.Value)
            .Distinct();

        Assert.That(named, Is.SubsetOf(known));
    }

    private static IEnumerable<(ContractNode Schema, ContractNode Example)> ExamplesOf(
        ContractHttp contract
    ) =>
        from operation in contract.Operations
        from response in operation.Operation["responses"]!.Members
        from body in response.Node["content"]?.Members ?? []
        from example in (body.Node["examples"]?.Members ?? [])
            .Select(member => member.Node["value"]!)
            .Concat(body.Node["example"] is { } single ? [single] : [])
        select (body.Node["schema"]!, example);

    private static IEnumerable<ContractNode> SchemasOf(ContractFile file)
    {
        var components = file.Root["components"]!;
        var named = (components["schemas"]?.Members ?? []).Select(member => member.Node);
        var payloads = (components["messages"]?.Members ?? []).SelectMany(message =>
            new[]
            {
                message.Node["payload"]!["schema"] ?? message.Node["payload"],
                message.Node["headers"],
            }.OfType<ContractNode>()
        );
        var inPlace =
            from path in file.Root["paths"]?.Members ?? []
            from operation in path.Node.Members
            from schema in Below(operation.Node)
            select schema;
        return [.. named, .. payloads, .. inPlace];
    }

    /// <summary>The schemas of parameters, bodies and headers.</summary>
    private static IEnumerable<ContractNode> Below(ContractNode node)
    {
        foreach (var (name, member) in node.Members.Where(one => one.Name is not "example"))
        {
            var found =
                name == "schema" ? [member]
                : member.Value is JsonArray ? member.Items.SelectMany(Below)
                : Below(member);
            foreach (var schema in found)
            {
                yield return schema;
            }
        }
    }

    private static IEnumerable<JsonNode> Everything(JsonNode node) =>
        (
            node switch
            {
                JsonObject members => members.Select(member => member.Value),
                JsonArray items => items,
                _ => [],
            }
        )
            .OfType<JsonNode>()
            .SelectMany(Everything)
            .Prepend(node);
}
