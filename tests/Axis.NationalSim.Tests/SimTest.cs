using System.Text;
using Axis.EdXml;
using Axis.Hub.Tests.Vxp;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Control;
using Axis.Vxp;

namespace Axis.NationalSim.Tests;

/// <summary>A simulated axis for each test, with two connected provinces, asked byte by byte on a socket.</summary>
public abstract class SimTest
{
    protected const string Province = "axis.h99";
    protected const string Neighbour = "axis.h41";
    private const string Secret = "a-secret-of-the-tests";

    protected NationalSimulator Sim { get; private set; } = null!;

    protected virtual NationalSimOptions Options =>
        new()
        {
            Agencies = 400,
            Known =
            [
                new KnownAgency("H99", "000.00.00.H99", "Uỷ ban nhân dân tỉnh An Giao"),
                new KnownAgency("H99.01", "000.00.01.H99", "Văn phòng", "", "H99"),
                new KnownAgency("H99.05", "000.00.05.H99", "Sở Tài chính", "", "H99"),
                new KnownAgency("H41", "000.00.00.H41", "Uỷ ban nhân dân tỉnh bên"),
            ],
            Systems =
            [
                new SimSystem(Province, Secret, ["H99"]),
                new SimSystem(Neighbour, Secret, ["H41"]),
            ],
        };

    [SetUp]
    public async Task StartAsync() => Sim = await NationalSimulator.StartAsync(Options);

    [TearDown]
    public async Task StopAsync() => await Sim.DisposeAsync();

    private protected Task<RawAnswer> AskAsync(
        VxpCall call,
        params (string Name, string Value)[] given
    ) => AskAsync(call, Province, given);

    private protected Task<RawAnswer> AskAsync(
        VxpCall call,
        string system,
        params (string Name, string Value)[] given
    ) => SayAsync(VxpAsk.Of(call, system, Secret, given));

    private protected Task<RawAnswer> SayAsync(VxpAsk ask) =>
        RawHttp.AskAsync(Sim.Endpoint, ask.Bytes());

    private protected Task<RawAnswer> ListAsync(
        string type = VxpValue.MessageEdoc,
        string system = Province,
        params (string Name, string Value)[] given
    ) =>
        AskAsync(VxpCall.GetReceivedEdocList, system, [(VxpParameter.MessageType, type), .. given]);

    private protected Task<RawAnswer> SendAsync(
        byte[] package,
        string from = "H99.01",
        string? to = null
    ) =>
        SayAsync(
            VxpAsk.Sending(
                package,
                Province,
                Secret,
                from,
                to is null ? [] : [(VxpParameter.To, to)]
            )
        );

    private protected Task<RawAnswer> UpdateAsync(string docId, string status = VxpValue.Done) =>
        AskAsync(VxpCall.UpdateStatus, (VxpParameter.DocId, docId), (VxpParameter.Status, status));

    private protected async Task<byte[]> GetAsync(string docId, string system = Province)
    {
        var answer = await AskAsync(VxpCall.GetEdoc, system, (VxpParameter.DocId, docId));
        Assert.That(answer.Code, Is.EqualTo("0"), answer.Text);
        return Convert.FromBase64String(answer.Json.GetProperty("data").GetString()!);
    }

    private protected static IReadOnlyList<string> DocIdsOf(RawAnswer list) =>
        [.. list.Items.Select(item => item.GetProperty("docId").GetString()!)];

    private protected LetterView Arrives(params string[] to) => Sim.Write(new() { To = to });

    private protected static async Task<byte[]> LetterAsync(string documentId, params string[] to)
    {
        using var written = new MemoryStream();
        await PackageWriter.WriteAsync(
            new DocumentDraft
            {
                Header = new DocumentHeader
                {
                    From = new Party { OrganId = "H99.01", OrganName = "Văn phòng" },
                    To = [.. to.Select(code => new Party { OrganId = code, OrganName = code })],
                    DocumentId = documentId,
                    CodeNumber = "15",
                    CodeNotation = "UBND-VP",
                    PromulgationDate = EdDate.Parse("2026/11/20"),
                    Subject = "V/v thử liên thông",
                    Trace = [new TraceHop { OrganId = "H99.01" }],
                },
            },
            written,
            CancellationToken.None
        );
        return written.ToArray();
    }

    private protected static PackageReading Read(byte[] package) =>
        PackageReader.Read(package, ReadLimits.Default);

    private protected static string TextOf(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
