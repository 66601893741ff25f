using System.Security.Cryptography;
using Axis.EdXml;
using Axis.NationalSim.Catalogue;
using Axis.TestKit;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.Tests.National;

/// <summary>Real packages of the field cross the border in both directions and keep their bytes.</summary>
[TestFixture(true)]
[TestFixture(false)]
public sealed class BorderSampleTests(bool outward)
{
    private const string Neighbour = "h37.axis";

    private readonly HttpClient _http = new(VxpClient.CreateHandler(TimeSpan.FromMinutes(1)));
    private Border _border = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        if (Files().Length == 0)
        {
            Assert.Ignore("The sample packages do not lie beside the repository on this machine.");
        }
        // Whoever sends is of one side, whoever receives of the other.
        var parties = Files()
            .SelectMany(file =>
            {
                var document = Read(file).Document!;
                return document
                    .To.Select(party => (party.OrganId!, TestProvince.Office, Border.Neighbour))
                    .Append((document.From.OrganId!, Border.Neighbour, TestProvince.Office));
            })
            .Select(one => (Code: one.Item1, Parent: outward ? one.Item3 : one.Item2))
            .DistinctBy(one => one.Code)
            .ToArray();
        _border = await Border.OpenAsync(
            LocalServersSetUp.Servers,
            change: options =>
                options with
                {
                    Known =
                    [
                        .. options.Known.Where(known => known.Code != TestProvince.Ministry),
                        .. parties.Select(party => new KnownAgency(
                            party.Code,
                            "",
                            $"Cơ quan {party.Code}",
                            ParentCode: party.Parent
                        )),
                    ],
                }
        );
        foreach (var (code, parent) in parties)
        {
            await KnowAsync(code, isOurs: parent == TestProvince.Office);
        }
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _http.Dispose();
        if (_border is not null)
        {
            await _border.DisposeAsync();
        }
    }

    public static IEnumerable<TestCaseData> Documents() =>
        Files().Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileName(file)));

    [TestCaseSource(nameof(Documents))]
    public async Task A_real_package_crosses_with_its_bytes(string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        var document = Read(file).Document!;
        await ForgetAsync();
        if (outward)
        {
            using var commune = await _border.Hub.ClientAsync("commune");
            var answer = await commune.SubmitAsync(bytes);
            Assert.That((int)answer.Status, Is.EqualTo(201), answer.Text);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            await Eventually.HoldsAsync(() =>
                Task.FromResult(
                    _border
                        .Sim.Letters(system: Border.SystemId)
                        .Any(letter => letter.Sha256 == sha256)
                )
            );
            return;
        }
        var neighbour = new VxpClient(
            _http,
            new VxpIdentity(_border.Sim.Endpoint, Neighbour, Border.NeighbourSecret),
            TimeProvider.System,
            TimeSpan.FromMinutes(2)
        );
        var sent = await neighbour.SendEdocAsync(
            VxpSending.Of(document.From.OrganId!, [], VxpValue.MessageEdoc, bytes),
            default
        );
        Assert.That(sent.Fault, Is.Null);
        using var receiver = await _border.Hub.ClientAsync("commune");
        var content = await Eventually.GetAsync(async () =>
        {
            // An answer of the other side to a letter before may lie here too.
            foreach (var item in await receiver.ItemsAsync("v1/inbox?limit=100"))
            {
                var candidate = await receiver.GetByteArrayAsync(
                    new Uri(
                        $"v1/inbox/{item.GetProperty("deliveryId").GetString()}/content",
                        UriKind.Relative
                    )
                );
                if (candidate.AsSpan().SequenceEqual(bytes))
                {
                    return candidate;
                }
            }
            return null;
        });
        Assert.That(content, Is.EqualTo(bytes));
    }

    // A letter that an agency writes to itself crosses no border.
    private static string[] Files() =>
        [
            .. Samples
                .In("documents")
                .Where(file =>
                    Read(file).Document is { } document
                    && document.To.All(party => party.OrganId != document.From.OrganId)
                ),
        ];

    private static PackageReading Read(string file) =>
        PackageReader.Read(File.ReadAllBytes(file), ReadLimits.Default);

    // The samples share document ids. What is not told to the other axis yet would be listed, and come in, once more.
    private async Task ForgetAsync()
    {
        await _border.QuietAsync();
        foreach (
            var table in (string[])
                [
                    "delivery_history",
                    "delivery",
                    "payload",
                    "package",
                    "document_key",
                    "document_number",
                    "package_link",
                    "far_sending",
                    "far_inward",
                ]
        )
        {
            await _border.Hub.ChangeRegistryAsync($"DELETE FROM {table}");
        }
    }

    private async Task KnowAsync(string code, bool isOurs)
    {
        if (
            await _border.Hub.CountAsync($"SELECT count(*) FROM agency_code WHERE code = '{code}'")
            == 0
        )
        {
            await _border.Hub.AddAgencyAsync(code);
        }
        await _border.Hub.ChangeRegistryAsync(
            $"UPDATE agency SET reach = '{(isOurs ? "province" : "national")}' WHERE id IN (SELECT agency_id FROM agency_code WHERE code = $1)",
            code
        );
        if (isOurs)
        {
            await _border.Hub.ChangeRegistryAsync(
                """
                INSERT INTO office_system_agency (agency_id, office_system_id)
                SELECT agency_id, 'commune' FROM agency_code c WHERE code = $1
                    AND NOT EXISTS (SELECT FROM office_system_agency s WHERE s.agency_id = c.agency_id)
                """,
                code
            );
        }
    }
}
