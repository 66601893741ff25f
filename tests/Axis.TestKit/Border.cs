using System.Text.Json;
using Axis.LocalServers;
using Axis.NationalSim;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Control;

namespace Axis.TestKit;

/// <summary>The test province at the border: a simulated national axis, and a hub whose gateway is open to it.</summary>
public sealed class Border : IAsyncDisposable
{
    public const string SystemId = "h99.axis";

    /// <summary>Known to the national axis as ours, and to nobody here.</summary>
    public const string Stranger = "H99.77";

    /// <summary>Known here as national, and connected to the national axis as a system of its own.</summary>
    public const string Neighbour = "H37";
    public const string NeighbourSecret = "neighbour-not-real";

    private const string Secret = "border-not-real";

    private readonly string _secretFile;

    private Border(NationalSimulator sim, TestHub hub, string secretFile)
    {
        Sim = sim;
        Hub = hub;
        _secretFile = secretFile;
    }

    public NationalSimulator Sim { get; }

    public TestHub Hub { get; }

    public static async Task<Border> OpenAsync(
        SharedTestServers servers,
        bool asProcess = false,
        Func<NationalSimOptions, NationalSimOptions>? change = null,
        params (string Key, string Value)[] settings
    )
    {
        var options = new NationalSimOptions
        {
            Agencies = 200,
            Known =
            [
                new KnownAgency(TestProvince.Office, TestProvince.OfficeOld, "UBND tỉnh"),
                new KnownAgency(
                    TestProvince.Department,
                    TestProvince.DepartmentOld,
                    "Sở",
                    ParentCode: TestProvince.Office
                ),
                new KnownAgency(TestProvince.Commune, "", "Xã", ParentCode: TestProvince.Office),
                new KnownAgency(Stranger, "", "Xã mới", ParentCode: TestProvince.Office),
                new KnownAgency(TestProvince.Ministry, TestProvince.MinistryOld, "VPCP"),
                new KnownAgency(Neighbour, "000.00.00.H37", "UBND tỉnh bạn"),
            ],
            Systems =
            [
                new SimSystem(SystemId, Secret, [TestProvince.Office]),
                new SimSystem("h37.axis", NeighbourSecret, [Neighbour]),
            ],
        };
        var sim = await NationalSimulator.StartAsync(change?.Invoke(options) ?? options);
        var secretFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(secretFile, Secret + "\n");
        var hub = await TestProvince.StartAsync(
            servers,
            asProcess: asProcess,
            settings: [.. SettingsFor(sim.Endpoint, secretFile), .. settings]
        );
        await hub.AddAgencyAsync(
            Neighbour,
            "000.00.00.H37",
            Axis.Hub.Registry.AgencyReach.National,
            kind: "province"
        );
        return new Border(sim, hub, secretFile);
    }

    /// <summary>
    /// Waits until nothing is on its way across the border, so that no call for an earlier letter meets what is set for
    /// the next ones.
    /// </summary>
    public Task QuietAsync() =>
        Eventually.HoldsAsync(async () =>
            await Hub.CountAsync("SELECT count(*) FROM far_inward WHERE acknowledged_at IS NULL")
                == 0
            && await Hub.CountAsync(
                "SELECT count(*) FROM far_sending WHERE state NOT IN ('sent', 'failed')"
            ) == 0
        );

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        await Sim.DisposeAsync();
        File.Delete(_secretFile);
    }

    /// <summary>What the national axis has of a letter of ours; the recipients' reports among it.</summary>
    public IReadOnlyList<LetterView> There(Letter letter) =>
        Sim.Letters(letter.DocumentId, SystemId);

    public async Task<JsonElement> DeliveryAsync(Letter letter, string recipient)
    {
        using var office = await Hub.ClientAsync("office");
        var answer = await office.GetAnswerAsync(
            $"v1/documents?documentId={Uri.EscapeDataString(letter.DocumentId)}"
        );
        return answer
            .Json.GetProperty("items")
            .EnumerateArray()
            .SelectMany(package => package.GetProperty("deliveries").EnumerateArray())
            .Last(delivery => delivery.GetProperty("recipient").GetString() == recipient);
    }

    public Task ArrivedAsync(Letter letter, string recipient) =>
        StateAsync(letter, recipient, "collected");

    public Task StateAsync(Letter letter, string recipient, string state) =>
        Eventually.HoldsAsync(async () =>
            (await DeliveryAsync(letter, recipient)).GetProperty("state").GetString() == state
        );

    private static IEnumerable<(string, string)> SettingsFor(Uri endpoint, string secretFile) =>
        [
            ("National:OwnCodes:0", TestProvince.Office),
            ("National:Axes:national:Endpoint", endpoint.AbsoluteUri),
            ("National:Axes:national:SystemId", SystemId),
            ("National:Axes:national:SecretFile", secretFile),
            ("National:LookInterval", "00:00:00.100"),
            ("National:ShortestPoll", "00:00:00.050"),
            ("National:LongestPoll", "00:00:00.200"),
            ("National:FirstRetry", "00:00:00.050"),
            ("National:LongestRetry", "00:00:00.500"),
            ("National:SettleAfter", "00:00:01"),
            ("National:AlertInterval", "00:00:00.100"),
            ("National:CallTimeout", "00:00:05"),
        ];
}
