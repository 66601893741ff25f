using System.Text;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Control;

namespace Axis.NationalSim.Tests;

/// <summary>A simulator that was given a folder, ended without a word, and started again on it.</summary>
public sealed class StateTests : SimTest
{
    private string _folder = "";

    protected override NationalSimOptions Options => base.Options with { StateFolder = _folder };

    private string Journal => Path.Combine(_folder, "journal.jsonl");

    // Before the simulator of the test starts.
    [OneTimeSetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("axis-sim-").FullName;

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task What_it_took_and_what_was_acknowledged_is_there_again()
    {
        var acknowledged = Arrives("H99.01");
        await UpdateAsync(DocIdOf(acknowledged));
        var waiting = Arrives("H99.01");
        var package = await LetterAsync("77", "H41");
        var sent = await SendAsync(package);
        var before = Sim.Letters();

        await AgainAsync();

        Assert.That(
            Sim.Letters().Select(Words),
            Is.EqualTo(before.Select(Words)),
            "letters, ids, bytes and states"
        );
        Assert.That(DocIdsOf(await ListAsync()), Does.Contain(DocIdOf(waiting)));
        Assert.That(DocIdsOf(await ListAsync()), Does.Not.Contain(DocIdOf(acknowledged)));
        // It knows the file that it was sent, and gives no id a second time.
        Assert.That((await SendAsync(package)).Text, Is.EqualTo(sent.Text));
        Assert.That(before.Select(one => one.DocId), Does.Not.Contain(Arrives("H99.01").DocId));
    }

    [Test]
    public async Task What_far_offices_had_planned_to_say_they_say_once()
    {
        var package = await LetterAsync("78", "G05");
        await SendAsync(package);
        Sim.Advance(TimeSpan.FromMinutes(10));
        var documentId = Read(package).Document!.DocumentId!;
        var soon = StatusesOf(documentId);
        Assert.That(soon, Is.Not.Empty);

        await AgainAsync();
        Assert.That(StatusesOf(documentId), Is.EqualTo(soon));
        Sim.Advance(TimeSpan.FromDays(40));
        var said = StatusesOf(documentId);
        Assert.That(said, Has.Count.GreaterThan(soon.Count));
        Assert.That(said, Is.Unique);

        await AgainAsync();
        Assert.That(StatusesOf(documentId), Is.EqualTo(said));
        Assert.That(Sim.View().PlannedActs, Is.Zero);
    }

    [Test]
    public async Task Agencies_that_came_and_went_are_as_they_were()
    {
        Sim.Add(new KnownAgency("H99.77", "", "Sở mới", "", "H99"));
        Sim.Close("H99.05");

        await AgainAsync();

        Assert.That(Arrives("H99.77").Copies, Has.Count.EqualTo(1));
        var answer = await SendAsync(await LetterAsync("79", "H99.05"), to: null);
        Assert.That(answer.Code, Is.EqualTo("23"), "closed");
    }

    [Test]
    public async Task A_line_that_the_kill_cut_is_dropped()
    {
        Arrives("H99.01");
        var before = Sim.Letters().Count;
        await Sim.DisposeAsync();
        await File.AppendAllTextAsync(Journal, """{"Letter":{"DocId":"half""");

        await StartAsync();

        Assert.That(Sim.Letters(), Has.Count.EqualTo(before));
        Arrives("H99.01");
        await AgainAsync();
        Assert.That(Sim.Letters(), Has.Count.EqualTo(before + 1));
    }

    [Test]
    public async Task A_folder_is_one_simulator_s_and_holds_nothing_else()
    {
        Assert.That(
            () => NationalSimulator.StartAsync(Options),
            Throws.InstanceOf<IOException>(),
            "in use"
        );
        var other = Directory.CreateTempSubdirectory("axis-sim-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(other, "journal.jsonl"),
            "not of a simulator\n",
            Encoding.UTF8
        );
        Assert.That(
            () => NationalSimulator.StartAsync(Options with { StateFolder = other }),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("line 1")
        );
        Directory.Delete(other, recursive: true);
    }

    private async Task AgainAsync()
    {
        await Sim.DisposeAsync();
        await StartAsync();
    }

    private static string DocIdOf(LetterView letter) => letter.Copies.Single().DocId;

    private IReadOnlyList<string> StatusesOf(string documentId) =>
        Sim.Letters(documentId).Single().Copies.Single().Statuses;

    private static string Words(LetterView letter) =>
        $"{letter.DocId} {letter.DocumentId} {letter.From} {letter.System} {letter.Sha256} {letter.HandedOutSha256} "
        + string.Join(
            " ",
            letter.Copies.Select(copy =>
                $"{copy.DocId} {copy.To} {copy.Transport} {string.Join('-', copy.Statuses)}"
            )
        );
}
