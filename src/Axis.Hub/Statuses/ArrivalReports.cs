using System.Threading.Channels;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>Wakes <see cref="ArrivalReports"/> when something was collected. Only a short cut.</summary>
public sealed class ArrivalBell
{
    private readonly Channel<byte> _rung = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public void Ring() => _rung.Writer.TryWrite(0);

    public async Task WaitAsync(TimeSpan longest, TimeProvider clock, CancellationToken stopping)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var tick = Task.Delay(longest, clock, pause.Token);
        await Task.WhenAny(_rung.Reader.WaitToReadAsync(pause.Token).AsTask(), tick);
        _rung.Reader.TryRead(out _);
        await pause.CancelAsync();
    }
}

/// <summary>
/// Writes the status package 01 that is owed for deliveries collected by office systems which ask for it. The mark on
/// the row (<c>arrival_due</c>) is the outbox: set by the acknowledgement itself, cleared when a report stands.
/// </summary>
public sealed class ArrivalReports(
    NpgsqlDataSource database,
    RegistryCache registry,
    GroupCommit<StatusAcceptance, StatusOutcome> statuses,
    ArrivalBell bell,
    IOptions<DialogueOptions> options,
    TimeOrderedIds ids,
    TimeProvider clock,
    ILogger<ArrivalReports> log
) : BackgroundService
{
    private const int Batch = 200;
    private const string Words =
        "Đã đến - phần mềm đã nhận văn bản (trục ghi nhận theo xác nhận đã lấy)";

    // A claim is a lease: what a dead node held comes back after it.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const string Claim = """
        WITH due AS (
            SELECT id FROM delivery WHERE arrival_due <= $1 ORDER BY arrival_due LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
        UPDATE delivery d SET arrival_due = $1 + $3 FROM due WHERE d.id = due.id
        RETURNING d.id
        """;

    private const string Clear = "UPDATE delivery SET arrival_due = NULL WHERE id = ANY($1)";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await WriteDueAsync(stoppingToken) == Batch) { }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Arrivals wait for the store: {Failure}", failure.Message);
            }
            await bell.WaitAsync(options.Value.LookInterval, clock, stoppingToken);
        }
    }

    private async Task<int> WriteDueAsync(CancellationToken cancellationToken)
    {
        var due = await ClaimAsync(cancellationToken);
        if (due.Count == 0)
        {
            return 0;
        }
        var snapshot = registry.Current;
        var answers = new List<Task<StatusOutcome>>();
        foreach (var about in await DeliveryFacts.ReadAsync(database, due, null, cancellationToken))
        {
            if (
                snapshot.AgencyById(about.RecipientAgencyId) is { } recipient
                && snapshot.AgencyById(about.SenderAgencyId) is { } sender
            )
            {
                var report = await WrittenReport.WriteAsync(
                    about,
                    recipient,
                    sender,
                    new StatusCall("01", Words, null, null),
                    about.ChangedAt,
                    (ids.Next(), clock.GetUtcNow(), Door.Http, about.OfficeSystemId ?? "hub"),
                    cancellationToken
                );
                if (!statuses.TrySubmit(report, out var answer))
                {
                    // The lease brings it back when there is room.
                    return 0;
                }
                answers.Add(answer);
            }
        }
        await Task.WhenAll(answers);
        await using var command = database.CreateCommand(Clear);
        command.Parameters.Add(new() { Value = due.ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return due.Count;
    }

    private async Task<IReadOnlyList<Guid>> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = Batch });
        command.Parameters.Add(new() { Value = Lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(reader.GetGuid(0));
        }
        return due;
    }
}
