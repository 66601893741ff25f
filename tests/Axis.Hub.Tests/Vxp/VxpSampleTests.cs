using Axis.EdXml;
using Axis.TestKit;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>Real packages of the field through the SDK's door: what is fetched is what was sent, byte for byte.</summary>
public sealed class VxpSampleTests
{
    private VxpProvince _province = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Samples.In("documents").Count == 0)
        {
            Assert.Ignore("The sample packages do not lie beside the repository on this machine.");
        }
        _province = await VxpProvince.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_province is not null)
        {
            await _province.DisposeAsync();
        }
    }

    private static IEnumerable<TestCaseData> Documents() =>
        Samples
            .In("documents")
            .Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileName(file)));

    [TestCaseSource(nameof(Documents))]
    public async Task A_real_package_keeps_its_bytes(string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        var from = await PrepareAsync(bytes);

        var sent = await AskAsync(VxpAsk.Sending(bytes, "demo.h41", VxpProvince.Secret, from));
        Assert.That(sent.IsOk, Is.True, sent.Text);

        var list = await AskAsync(
            VxpAsk.Of(
                VxpCall.GetReceivedEdocList,
                "demo.h41",
                VxpProvince.Secret,
                (VxpParameter.MessageType, VxpValue.MessageEdoc)
            )
        );
        Assert.That(list.Items, Is.Not.Empty);
        foreach (var item in list.Items)
        {
            var id = item.GetProperty("docId").GetString()!;
            var fetched = await AskAsync(Named(VxpCall.GetEdoc, id));
            Assert.That(fetched.Json.GetProperty("data").GetBytesFromBase64(), Is.EqualTo(bytes));
            var downloaded = await AskAsync(Named(VxpCall.DownloadEdoc, id));
            Assert.That(downloaded.Body, Is.EqualTo(bytes));
            var taken = await AskAsync(
                Named(VxpCall.UpdateStatus, id, (VxpParameter.Status, VxpValue.Done))
            );
            Assert.That(taken.IsOk, Is.True, taken.Text);
        }
    }

    private static VxpAsk Named(
        VxpCall call,
        string id,
        params (string Name, string Value)[] given
    ) => VxpAsk.Of(call, "demo.h41", VxpProvince.Secret, [(VxpParameter.DocId, id), .. given]);

    private Task<RawAnswer> AskAsync(VxpAsk ask) => ask.ToAsync(_province.Door);

    /// <summary>Registers whom the package names; demo speaks for them all, and so writes to itself.</summary>
    private async Task<string> PrepareAsync(byte[] bytes)
    {
        // The samples share document ids. DELETE, not TRUNCATE: the hub goes on reading these tables meanwhile.
        foreach (
            var table in (string[])
                ["delivery_history", "delivery", "payload", "package", "document_key"]
        )
        {
            await _province.Hub.ChangeRegistryAsync($"DELETE FROM {table}");
        }
        var reading = await PackageReader.ReadAsync(
            new MemoryStream(bytes),
            ReadLimits.Default,
            CancellationToken.None
        );
        var document = reading.Document!;
        foreach (var party in (Party[])[document.From, .. document.To])
        {
            await KnowAsync(party.OrganId!);
        }
        return document.From.OrganId!;
    }

    private async Task KnowAsync(string code)
    {
        if (
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM agency_code WHERE code = '{code}'"
            ) == 0
        )
        {
            await _province.Hub.AddAgencyAsync(code);
        }
        await _province.Hub.ChangeRegistryAsync(
            """
            INSERT INTO office_system_agency (agency_id, office_system_id)
            SELECT agency_id, 'demo' FROM agency_code c WHERE code = $1
                AND NOT EXISTS (SELECT FROM office_system_agency s WHERE s.agency_id = c.agency_id)
            """,
            code
        );
    }
}
