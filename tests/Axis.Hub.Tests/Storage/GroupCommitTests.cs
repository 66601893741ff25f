using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

public sealed class GroupCommitTests
{
    [Test]
    public async Task A_store_out_of_reach_fails_a_batch_without_asking_for_each_item()
    {
        var asked = 0;
        var failures = await FailuresOfAsync(
            8,
            _ =>
            {
                asked++;
                throw new NpgsqlException("no connection");
            }
        );
        Assert.That(failures, Is.All.InstanceOf<NpgsqlException>());
        Assert.That(asked, Is.EqualTo(2));
    }

    [Test]
    public async Task An_item_that_cannot_be_stored_fails_alone()
    {
        var failures = await FailuresOfAsync(
            8,
            batch =>
                batch.Contains(3)
                    ? throw new PostgresException("too long", "ERROR", "ERROR", "54000")
                    : batch
        );
        Assert.That(failures.Count(failure => failure is not null), Is.EqualTo(1));
        Assert.That(failures[3], Is.InstanceOf<PostgresException>());
    }

    [TestCase("22021", ExpectedResult = false)]
    [TestCase("54000", ExpectedResult = false)]
    [TestCase("57P01", ExpectedResult = true)]
    [TestCase("40P01", ExpectedResult = true)]
    public bool What_the_request_brings_about_does_not_pass(string sqlState) =>
        StoreFaults.MayPass(new PostgresException("", "ERROR", "ERROR", sqlState));

    private static async Task<Exception?[]> FailuresOfAsync(
        int items,
        Func<IReadOnlyList<int>, IReadOnlyList<int>> commit
    )
    {
        var writer = new GroupCommit<int, int>(
            new GroupCommitLimits(100, 100, long.MaxValue, Writers: 1),
            _ => 0,
            async (batch, _) =>
            {
                await Task.Yield();
                return commit(batch);
            }
        );
        // All wait before the writer starts, so they are one batch.
        var answers = Enumerable
            .Range(0, items)
            .Select(item =>
                writer.TrySubmit(item, out var answer)
                    ? answer
                    : throw new InvalidOperationException()
            )
            .ToArray();
        await writer.StartAsync(CancellationToken.None);
        await ((Task)Task.WhenAll(answers))
            .WaitAsync(TimeSpan.FromMinutes(2))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await writer.StopAsync(CancellationToken.None);
        return [.. answers.Select(answer => answer.Exception?.InnerException)];
    }
}
