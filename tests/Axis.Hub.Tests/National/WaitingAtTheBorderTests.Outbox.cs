using Axis.Hub.National;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Axis.TestKit;
using Axis.Vxp.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axis.Hub.Tests.National;

public sealed partial class WaitingAtTheBorderTests
{
    [Test]
    public async Task A_delivery_that_was_accepted_first_and_seen_last_does_not_wait_for_a_pause_of_the_others()
    {
        await using var still = await GatewayStoppedAsync();
        var gathering = new FarGathering(
            _border.Hub.Database,
            Get<RegistryCache>(),
            Get<FarAxes>(),
            TimeProvider.System
        );
        // As a transaction that commits late: its ids are older than what was gathered meanwhile.
        var late = await SubmitAsync(new Letter(TestProvince.Office, Known));
        await StateAsync(late, "failed");
        var first = await SubmitAsync(new Letter(TestProvince.Office, Known));
        await gathering.GatherDocumentsAsync(default);
        Assert.That(await RowsAsync(first, "s.state = 'due'"), Is.EqualTo(1));
        await StateAsync(late, "held");
        var second = await SubmitAsync(new Letter(TestProvince.Office, Known));

        await gathering.GatherDocumentsAsync(default);

        Assert.That(await RowsAsync(second, "s.state = 'due'"), Is.EqualTo(1));
        Assert.That(await RowsAsync(late, "s.state = 'due'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_claim_that_another_node_took_while_it_waited_for_its_turn_is_not_called(
        [Values] bool isTaken
    )
    {
        await using var still = await GatewayStoppedAsync();
        var clock = new HandClock(TimeProvider.System.GetUtcNow());
        var letter = await SubmitAsync(new Letter(TestProvince.Office, Known));
        var axis = new CountingAxis();
        var outward = OutwardTo(axis, new NationalOptions { CallsPerMinute = 1 }, clock);
        var round = outward.RoundAsync(default);
        await HasRowsAsync(letter, "s.state = 'calling'");
        if (isTaken)
        {
            await ExecuteAsync(
                $"UPDATE far_sending SET called_at = called_at + interval '1 second' WHERE recipients = ARRAY['{Known}'] AND state = 'calling'"
            );
        }
        await Eventually.HoldsAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(round.IsCompleted);
        });
        await round;

        Assert.That(axis.Sent.Contains(letter.DocumentId), Is.EqualTo(!isTaken));
        Assert.That(
            await RowsAsync(letter, $"s.state = '{(isTaken ? "calling" : "sent")}'"),
            Is.EqualTo(1)
        );
        // The gateway that runs again sends it, or finds it nowhere; it is no affair of the next test.
        await ExecuteAsync("DELETE FROM far_sending WHERE state IN ('due', 'calling', 'unclear')");
    }

    // It gives a letter to all whom the package names and has no list of what it took: only a repeat tells.
    [Test]
    public async Task A_letter_that_another_hub_may_have_is_taken_back_there_though_its_answer_was_lost()
    {
        await using var still = await GatewayStoppedAsync();
        var clock = new HandClock(TimeProvider.System.GetUtcNow());
        var letter = await SubmitAsync(new Letter(TestProvince.Office, Known));
        var peer = new CountingAxis { KnowsRepeats = true, LosesAnAnswerOf = letter.DocumentId };
        var outward = OutwardTo(peer, new NationalOptions(), clock);
        await Eventually.HoldsAsync(async () =>
        {
            await outward.RoundAsync(default);
            return peer.TimesSent(letter) == 1;
        });
        await HasRowsAsync(letter, "s.state = 'due'");
        await TakenAsync((letter with { Business = 1 }).Signed());
        await _border.StateAsync(letter, Known, "withdrawn");

        await Eventually.HoldsAsync(async () =>
        {
            clock.Advance(TimeSpan.FromHours(1));
            await outward.RoundAsync(default);
            return await RowsAsync(letter, "s.state = 'sent'") == 2;
        });

        Assert.That(
            peer.TimesSent(letter),
            Is.EqualTo(3),
            "the letter, the letter again for its receipt, and the recall"
        );
        await ExecuteAsync("DELETE FROM far_sending WHERE state IN ('due', 'calling', 'unclear')");
    }

    [TestCase(7, false)]
    [TestCase(8, true)]
    public void A_pace_at_which_a_call_would_outwait_its_claim_is_refused_by_name(
        int perMinute,
        bool isTaken
    )
    {
        var options = new NationalOptions
        {
            CallsPerMinute = perMinute,
            Parallel = 4,
            CallTimeout = TimeSpan.FromSeconds(105),
        };
        Assert.That(
            new NationalOptionsCheck().Validate(null, options).Failed,
            Is.EqualTo(!isTaken)
        );
    }

    private Outward OutwardTo(IFarAxis axis, NationalOptions options, TimeProvider clock) =>
        new(
            new FarCalls(axis, new Pace(options.CallsPerMinute, clock), Get<FarMetrics>(), clock),
            new FarGathering(_border.Hub.Database, Get<RegistryCache>(), Get<FarAxes>(), clock),
            new FarClaims(_border.Hub.Database, clock, Get<ICrashPoints>()),
            new FarOutbox(_border.Hub.Database, Get<TimeOrderedIds>(), clock, Get<ICrashPoints>()),
            Get<FarLinks>(),
            Get<PayloadStore>(),
            Get<FarMetrics>(),
            options,
            clock,
            NullLogger.Instance
        );

    private T Get<T>()
        where T : notnull => _border.Hub.Services.GetRequiredService<T>();

    private async Task<IAsyncDisposable> GatewayStoppedAsync()
    {
        var gateway = _border.Hub.Services.GetServices<IHostedService>().OfType<Gateway>().Single();
        await gateway.StopAsync(default);
        return new Again(gateway);
    }

    private Task StateAsync(Letter letter, string state) =>
        ExecuteAsync(
            $"UPDATE delivery SET state = '{state}' WHERE package_id IN (SELECT id FROM package WHERE document_id = '{letter.DocumentId}')"
        );

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _border.Hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Again(Gateway gateway) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(gateway.StartAsync(default));
    }

    /// <summary>Takes what it is sent, and notes its document ids.</summary>
    private sealed class CountingAxis : IFarAxis
    {
        public List<string> Sent { get; } = [];

        public string Name => "national";

        public bool KnowsRepeats { get; init; }

        /// <summary>It is taken when it first comes, and nobody hears of it.</summary>
        public string? LosesAnAnswerOf { get; init; }

        public int TimesSent(Letter letter)
        {
            lock (Sent)
            {
                return Sent.Count(id => id == letter.DocumentId);
            }
        }

        public bool HearsFailures => true;

        public async Task<FarReply<string>> SendAsync(
            FarKind kind,
            VxpSending sending,
            CancellationToken cancellationToken
        )
        {
            await using var package = await sending.Open(cancellationToken);
            var reading = EdXml.PackageReader.Read(
                await BytesOf(package, cancellationToken),
                EdXml.ReadLimits.Default
            );
            var id = reading.Document?.DocumentId ?? "";
            lock (Sent)
            {
                var isFirst = !Sent.Contains(id);
                Sent.Add(id);
                return isFirst && id == LosesAnAnswerOf
                    ? new(null, new(FarFaultKind.Interrupted, "answer", "lost"), null)
                    : new($"taken-{Sent.Count}", null, null);
            }
        }

        public Task<FarReply<IReadOnlyList<FarSent>>> SentAsync(
            CancellationToken cancellationToken
        ) => Task.FromResult(new FarReply<IReadOnlyList<FarSent>>([], null, null));

        public Task<FarReply<IReadOnlyList<FarItem>>> WaitingAsync(
            FarKind kind,
            CancellationToken cancellationToken
        ) => Task.FromResult(new FarReply<IReadOnlyList<FarItem>>([], null, null));

        public Task<FarReply<byte[]>> FetchAsync(
            FarItem item,
            CancellationToken cancellationToken
        ) => Task.FromResult(new FarReply<byte[]>([], null, null));

        public Task<FarReply<object>> AcknowledgeAsync(
            FarItem item,
            FarAcknowledgement outcome,
            CancellationToken cancellationToken
        ) => Task.FromResult(new FarReply<object>(item, null, null));

        private static async Task<byte[]> BytesOf(
            Stream stream,
            CancellationToken cancellationToken
        )
        {
            using var kept = new MemoryStream();
            await stream.CopyToAsync(kept, cancellationToken);
            return kept.ToArray();
        }
    }
}
