using Axis.Hub.Tests.Vxp;
using Axis.NationalSim.Catalogue;
using Axis.Vxp;
using Axis.Vxp.Tests;

namespace Axis.NationalSim.Tests;

/// <summary>Real clients take the simulator for what it simulates: their recorded requests are understood.</summary>
public sealed class TranscriptTests
{
    private NationalSimulator _sim = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _sim = await NationalSimulator.StartAsync(
            new NationalSimOptions
            {
                Agencies = 200,
                Known = [new KnownAgency("H41", "000.00.00.H41", "Tỉnh thử")],
                Systems = [new SimSystem(Transcript.SystemId, Transcript.Secret, ["H41"])],
            }
        );

    [OneTimeTearDown]
    public async Task StopAsync() => await _sim.DisposeAsync();

    public static IEnumerable<TestCaseData> Recordings() =>
        Transcript.All() is { Count: > 0 } all
            ? all.Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name))
            : [new TestCaseData((Transcript?)null).SetArgDisplayNames("none")];

    [TestCaseSource(nameof(Recordings))]
    public async Task A_recorded_request_passes_for_who_it_is(Transcript? transcript)
    {
        if (transcript is null)
        {
            Assert.Ignore("The recordings of real clients are not on this machine.");
        }
        var answer = transcript!.Headers.Any(header => header.Key == "Expect")
            ? await RawHttp.AskAsync(_sim.Endpoint, transcript.Head, transcript.Body)
            : await RawHttp.AskAsync(_sim.Endpoint, transcript.Bytes);

        Assert.That(answer.Status, Is.EqualTo(200));
        if (transcript.Call == VxpCall.DownloadEdoc.Name)
        {
            Assert.That(answer.Body, Is.Empty);
            return;
        }
        // Recording 31 was made with a wrong secret.
        Assert.That(
            answer.Code == "15",
            Is.EqualTo(transcript.Name.StartsWith("31", StringComparison.Ordinal)),
            answer.Text
        );
    }
}
