using System.Net;
using Axis.EdXml;
using Axis.Hub.Registry;
using Axis.Signatures;
using Axis.TestKit;

namespace Axis.Hub.Tests.Intake;

/// <summary>Real packages of the field, sent through the hub.</summary>
public sealed class SampleTests
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private TestHub _hub = null!;
    private HttpClient _recorded = null!;
    private HttpClient _signing = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Samples.In("documents").Count == 0)
        {
            Assert.Ignore("The sample packages do not lie beside the repository on this machine.");
        }
        _hub = await TestHub.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOfficeSystemAsync("recorded", Door.Http, SignaturePolicy.Record);
        await _hub.AddOfficeSystemAsync("signing", Door.Http, SignaturePolicy.Envelope);
        _recorded = await _hub.ClientAsync("recorded");
        _signing = await _hub.ClientAsync("signing");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _recorded?.Dispose();
        _signing?.Dispose();
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }
    }

    private static IEnumerable<TestCaseData> Documents() => Cases("documents");

    private static IEnumerable<TestCaseData> Broken() => Cases("broken");

    private static IEnumerable<TestCaseData> Cases(string folder) =>
        Samples
            .In(folder)
            .Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileName(file)));

    [TestCaseSource(nameof(Documents))]
    public async Task A_real_package_goes_through_as_it_is_and_comes_out_byte_identical(string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        await PrepareAsync(bytes, "recorded");

        await SendAndCollectAsync(_recorded, bytes);
    }

    [TestCaseSource(nameof(Documents))]
    public async Task A_real_package_signed_with_a_registered_key_satisfies_a_hub_that_requires_signatures(
        string file
    )
    {
        var original = await File.ReadAllBytesAsync(file);
        var from = await PrepareAsync(original, "signing");
        using var signed = new MemoryStream();
        EnvelopeSigner.Sign(
            new MemoryStream(original),
            TestKeys.Of(from),
            signed,
            new SigningOptions { ReplaceExisting = true }
        );

        var receipt = await SendAndCollectAsync(_signing, signed.ToArray());

        Assert.That(
            receipt.Json.GetProperty("signature").GetProperty("verdict").GetString(),
            Is.EqualTo("valid")
        );
    }

    [TestCaseSource(nameof(Broken))]
    public async Task A_broken_package_is_refused_with_a_number_and_the_place(string file)
    {
        var answer = await _recorded.SubmitAsync(await File.ReadAllBytesAsync(file));

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        var first = answer.Json.GetProperty("errors")[0];
        TestContext.Out.WriteLine(first);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.GetProperty("code").GetString(), Does.Match("^AXIS-1[0-9]{3}$"));
            Assert.That(
                first.TryGetProperty("line", out _)
                    || first
                        .GetProperty("path")
                        .GetString()!
                        .Contains('/', StringComparison.Ordinal),
                "names the place"
            );
        }
    }

    private static async Task<Answer> SendAndCollectAsync(HttpClient client, byte[] package)
    {
        var receipt = await client.SubmitAsync(package);
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        foreach (var delivery in receipt.Json.GetProperty("deliveries").EnumerateArray())
        {
            var id = delivery.GetProperty("deliveryId").GetGuid();
            var bytes = await client.GetByteArrayAsync(
                new Uri($"v1/inbox/{id}/content", UriKind.Relative)
            );
            Assert.That(bytes.AsSpan().SequenceEqual(package));
        }
        return receipt;
    }

    /// <summary>Puts the sender and recipients of a package into the registry, served by one office system.</summary>
    private async Task<string> PrepareAsync(byte[] package, string officeSystem)
    {
        // The samples share document ids. DELETE, not TRUNCATE: the hub goes on reading these tables meanwhile.
        foreach (
            var table in (string[])
                ["delivery_history", "delivery", "payload", "package", "document_key"]
        )
        {
            await _hub.ChangeRegistryAsync($"DELETE FROM {table}");
        }
        var reading = await PackageReader.ReadAsync(
            new MemoryStream(package),
            ReadLimits.Default,
            CancellationToken.None
        );
        var header = reading.Document!;
        foreach (var party in (Party[])[header.From, .. header.To])
        {
            if (_known.Add(party.OrganId!))
            {
                await _hub.AddAgencyAsync(party.OrganId!, certificate: TestKeys.Of(party.OrganId!));
            }
            await _hub.ChangeRegistryAsync(
                """
                WITH agency AS (SELECT agency_id FROM agency_code WHERE code = $1),
                gone AS (DELETE FROM office_system_agency USING agency WHERE office_system_agency.agency_id = agency.agency_id)
                SELECT 1
                """,
                party.OrganId!
            );
            await _hub.ChangeRegistryAsync(
                """
                INSERT INTO office_system_agency (agency_id, office_system_id)
                SELECT agency_id, $2 FROM agency_code WHERE code = $1
                """,
                party.OrganId!,
                officeSystem
            );
        }
        return header.From.OrganId!;
    }
}
