using Axis.Chaos;
using Axis.Chaos.Books;
using Axis.Chaos.Faults;
using Axis.Chaos.Offices;
using Axis.Chaos.Stands;

namespace Axis.Resilience.Tests;

/// <summary>The ledgers themselves: whatever a hub can do to a letter or to what is said of it, the audit says so.</summary>
public sealed class AuditTests
{
    private static readonly Uri s_nowhere = new("http://127.0.0.1:1");

    private static readonly string[] s_statuses = ["01", "03", "06"];

    [Test]
    public void Books_that_agree_are_clean() => Assert.That(Compare(_ => { }).IsClean, Is.True);

    private static IEnumerable<TestCaseData<Action<Books>>> WhatAHubCanDo()
    {
        yield return Of("loses a letter", books => books.Recipient.Received.Clear());
        yield return Of(
            "brings a letter twice",
            books => books.Receive(books.Recipient, Guid.CreateVersion7(), "sha of the letter")
        );
        yield return Of(
            "alters a letter",
            books =>
            {
                books.Recipient.Received.Clear();
                books.Report(books.Receive(books.Recipient, Books.Delivery, "another sha"));
            }
        );
        yield return Of(
            "brings a letter to a stranger",
            books => books.Receive(books.Stranger, Guid.CreateVersion7(), "sha of the letter")
        );
        yield return Of(
            "names another delivery in the receipt",
            books =>
                books.Letter.Deliveries = new Dictionary<string, Guid>
                {
                    ["B"] = Guid.CreateVersion7(),
                }
        );
        yield return Of("gives no receipt", books => books.Letter.PackageId = null);
        yield return Of(
            "loses an event",
            books => books.Sender.Heard.TryRemove((Books.Delivery, "03"), out _)
        );
        yield return Of(
            "tells of a status under two ids",
            books => books.Sender.Hear(Books.Delivery, "03", "again", "sha of 03")
        );
        yield return Of(
            "tells of a status with another report",
            books =>
            {
                books.Sender.Heard.TryRemove((Books.Delivery, "03"), out _);
                books.Sender.Hear(Books.Delivery, "03", "event 03", "sha of 06");
            }
        );
        yield return Of(
            "tells of a status that nobody reported",
            books => books.Sender.Hear(Books.Delivery, "05", "event 05", "sha of 05")
        );
        yield return Of(
            "tells a stranger",
            books => books.Stranger.Hear(Books.Delivery, "03", "event 03", "sha of 03")
        );

        static TestCaseData<Action<Books>> Of(string what, Action<Books> does) =>
            new(does) { TestName = $"A_hub_that_{what.Replace(' ', '_')}_is_found_out" };
    }

    [TestCaseSource(nameof(WhatAHubCanDo))]
    public void Whatever_a_hub_does_is_found_out(Action<Books> does)
    {
        var verdict = Compare(does);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(verdict.IsClean, Is.False);
            // A number alone leaves nobody a letter to look for.
            Assert.That(
                verdict.Complaints,
                Has.Some.Contains(Books.DocumentId).Or.Contains(Books.Delivery.ToString())
            );
        }
    }

    /// <summary>The bound only tells a run that ends from one that does not.</summary>
    [Test]
    public async Task A_run_whose_letters_are_lost_ends_and_says_so()
    {
        await using var stand = new LostStand();
        var plan = new ChaosPlan(
            Length: TimeSpan.FromMinutes(1),
            Seed: 1,
            LettersASecond: 20,
            Patience: TimeSpan.FromSeconds(1),
            MostRounds: 1
        );

        var result = await new ChaosRun(stand, plan, new TextReport(TextWriter.Null))
            .RunAsync(CancellationToken.None)
            .WaitAsync(TimeSpan.FromMinutes(2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.IsClean, Is.False);
            Assert.That(result.Verdict.NotAccepted, Is.GreaterThan(0));
            Assert.That(result.Faults.Single().RecoveredWithin, Is.Null);
        }
    }

    private static Verdict Compare(Action<Books> does)
    {
        var books = new Books();
        does(books);
        var verdict = Audit.Compare(books.Offices);
        books.Dispose();
        return verdict;
    }

    /// <summary>One letter from A to B and its three statuses, while C has nothing to do with it.</summary>
    public sealed class Books : IDisposable
    {
        public Books()
        {
            Offices = [.. s_codes.Select(Make)];
            Sender.Sent[Letter.DocumentId] = Letter;
            var letter = Receive(Recipient, Delivery, Letter.Sha256);
            Report(letter);
            foreach (var status in s_statuses)
            {
                Sender.Hear(Delivery, status, $"event {status}", $"sha of {status}");
            }
        }

        public const string DocumentId = "A,2026/11/29,1/X";

        private static readonly string[] s_codes = ["A", "B", "C"];

        public Office[] Offices { get; }
        public OfficeLedger Sender => Offices[0].Ledger;
        public OfficeLedger Recipient => Offices[1].Ledger;
        public OfficeLedger Stranger => Offices[2].Ledger;
        public static Guid Delivery { get; } = Guid.CreateVersion7();
        public SentLetter Letter => _letter ??= Sent();

        private SentLetter? _letter;

        public ReceivedLetter Receive(OfficeLedger office, Guid delivery, string sha256) =>
            office.Received[delivery] = new ReceivedLetter(
                delivery,
                Letter.DocumentId,
                "B",
                "A",
                sha256
            );

        public void Report(ReceivedLetter letter)
        {
            foreach (var status in s_statuses)
            {
                letter.Report(status, $"sha of {status}");
            }
        }

        public void Dispose()
        {
            foreach (var office in Offices)
            {
                office.Dispose();
            }
        }

        private SentLetter Sent() =>
            new(DocumentId, "sha of the letter", ["B"], DoorNames.Http, 0)
            {
                PackageId = Guid.CreateVersion7(),
                Deliveries = new Dictionary<string, Guid> { ["B"] = Delivery },
            };

        private static Office Make(string code) =>
            new(
                new OfficePlan(code, code, DoorNames.Http, DoorNames.Http),
                s_nowhere,
                s_nowhere,
                "secret",
                new OpenLetters(),
                seed: 1
            );
    }

    /// <summary>A stand without a hub: whatever is sent is lost.</summary>
    private sealed class LostStand : IStand
    {
        public Uri Hub => s_nowhere;
        public Uri Broker => new("amqp://127.0.0.1:1");
        public IReadOnlyList<Fault> Faults { get; } =
        [new Fault("nothing", "hub", (_, _) => Task.FromResult("")) { IsCore = true }];
        public IReadOnlyList<string> LeftOut => [];
        public IReadOnlyList<string> OwnDeaths => [];
        public string Logs => "";

        public string SecretOf(string officeSystem) => "secret";

        public Task<IReadOnlyList<string>> FindUnfinishedAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<string>>([]);

        public Task<long> CountPackagesAsync(CancellationToken cancellation) => Task.FromResult(0L);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
