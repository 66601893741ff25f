using Axis.Hub.Broker;
using Npgsql;

namespace Axis.Hub.Operations.Doctor;

/// <summary>
/// The hub's clock against the database's and, where its management API is named, the broker's. Leases, tokens and
/// month partitions rely on clocks that agree.
/// </summary>
public sealed class ClockExamination(
    NpgsqlDataSource database,
    BrokerManagementApi management,
    TimeProvider clock
) : IExamination
{
    private static readonly TimeSpan Tolerable = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Harmful = TimeSpan.FromSeconds(10);

    public string Subject => "clock";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>
        {
            await CompareAsync("clock.postgresql", DatabaseTimeAsync, TimeSpan.Zero),
        };
        if (management.IsNamed)
        {
            // The date of an HTTP answer has no fractions.
            findings.Add(
                await CompareAsync(
                    "clock.rabbitmq",
                    () => management.TimeAsync(cancellationToken),
                    TimeSpan.FromSeconds(1)
                )
            );
        }
        return findings;

        async Task<DateTimeOffset> DatabaseTimeAsync()
        {
            await using var command = database.CreateCommand("SELECT clock_timestamp()");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return reader.GetFieldValue<DateTimeOffset>(0);
        }
    }

    private async Task<Finding> CompareAsync(
        string subject,
        Func<Task<DateTimeOffset>> ask,
        TimeSpan grain
    )
    {
        var before = clock.GetUtcNow();
        var theirs = await ask();
        var after = clock.GetUtcNow();
        return Judge(subject, before, theirs, after, grain);
    }

    /// <summary>Their time lies between our two, or is off by as much as it lies outside.</summary>
    public static Finding Judge(
        string subject,
        DateTimeOffset before,
        DateTimeOffset theirs,
        DateTimeOffset after,
        TimeSpan grain
    )
    {
        var off =
            theirs < before - grain ? before - grain - theirs
            : theirs > after ? theirs - after
            : TimeSpan.Zero;
        var said = $"differs by {off.TotalSeconds:0.0} s from the hub's";
        const string Mend = "Run chrony or ntpd on every machine, against the same servers.";
        return off > Harmful ? Finding.Unsafe(subject, said, Mend)
            : off > Tolerable ? Finding.Warning(subject, said, Mend)
            : Finding.Ok(subject, "agrees");
    }
}
