using Axis.TestKit;
using Axis.Vxp;
using Axis.Vxp.Tests;

namespace Axis.Hub.Tests.Vxp;

/// <summary>
/// Every recorded request of a real client, byte for byte on a socket. The answer has the members and types that the
/// clients read, and says what the registry of this province makes of the request.
/// </summary>
public sealed class TranscriptReplayTests
{
    private VxpProvince _province = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Transcript.All().Count == 0)
        {
            Assert.Ignore("The recordings of real clients are not on this machine.");
        }
        _province = await VxpProvince.StartAsync();
        // Something in every list: a letter to demo, a letter from demo, and a status each way.
        using var demo = await _province.Hub.ClientAsync("demo");
        using var other = await _province.Hub.ClientAsync("other");
        var sent = new Letter("H41.01", "H41.03");
        var received = new Letter("H41.03", "H41.02");
        await demo.SubmitAsync(sent.Unsigned());
        await other.SubmitAsync(received.Unsigned());
        await other.SubmitAsync(new Letter("H41.03", "H41.01").Unsigned());
        await other.SubmitAsync(new Report("H41.03", "01", "H41.01", sent.DocumentId).Bytes());
        await demo.SubmitAsync(new Report("H41.02", "01", "H41.03", received.DocumentId).Bytes());
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_province is not null)
        {
            await _province.DisposeAsync();
        }
    }

    public static IEnumerable<TestCaseData> Recordings() =>
        Transcript.All() is { Count: > 0 } all
            ? all.Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name))
            : [new TestCaseData((Transcript?)null).SetArgDisplayNames("none")];

    [TestCaseSource(nameof(Recordings))]
    public async Task A_recorded_request_is_answered_as_its_client_reads(Transcript? recorded)
    {
        var transcript = recorded!;
        var waits = transcript.Headers.Any(header => header.Key == "Expect");
        var answer = waits
            ? await RawHttp.AskAsync(_province.Door, transcript.Head, transcript.Body)
            : await RawHttp.AskAsync(_province.Door, transcript.Bytes);

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Head, Does.Contain("Connection: close").IgnoreCase);
        Assert.That(answer.Head, Does.Not.Contain("Content-Encoding").IgnoreCase);
        Assert.That(answer.Interim, Is.EqualTo(waits));
        if (transcript.Call == VxpCall.DownloadEdoc.Name)
        {
            // The document of the recording is not here, and only an empty body says so.
            Assert.That(answer.Body, Is.Empty);
            return;
        }
        Assert.That(answer.Head, Does.Contain("application/json"));
        Assert.That(answer.Body.All(one => one < 128), Is.True, "ASCII");
        AssertContract(transcript.Call, answer);
        Assert.That(answer.Code, Is.EqualTo(CodeOf(transcript)), answer.Text);
        if (answer.IsOk && VxpCall.Named(transcript.Call)!.Answer == VxpAnswerKind.List)
        {
            Assert.That(answer.Items, Is.Not.Empty);
        }
    }

    private static void AssertContract(string call, RawAnswer answer)
    {
        var operation = ContractHttp
            .Vxp.Operations.Single(one => one.Path == "/vxp/" + call)
            .Operation;
        var schema = operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
        Assert.That(ContractSchema.MismatchesOf(schema, answer.Json), Is.Empty, answer.Text);
    }

    /// <summary>
    /// The recorded packages are no whole packages, and the recorded document ids are those of another server, so some
    /// calls are refused here, in the shape that every client understands.
    /// </summary>
    private static string CodeOf(Transcript transcript) =>
        transcript.Name[..2] switch
        {
            // H41.03 is in the parameter and not in the package.
            "03" => "18",
            // H41.77 is nowhere.
            "30" => "18",
            "04" or "05" or "23" or "35" => "22",
            "06" or "07" or "08" or "09" or "21" or "22" => "21",
            "15" => "15",
            "31" => "15",
            _ => "0",
        };
}
