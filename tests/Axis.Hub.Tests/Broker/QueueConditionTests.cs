using System.Text.Json;
using Axis.Hub.Broker;

namespace Axis.Hub.Tests.Broker;

/// <summary>When the hub may call a queue dead, which costs its recipient repeats; and when it must not.</summary>
public sealed class QueueConditionTests
{
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    [TestCase("quorum", "a", "a", 1, QueueCondition.Served)]
    [TestCase("quorum", "a", "a", 0, QueueCondition.WithoutProcess)]
    [TestCase("quorum", "a b c", "a b c", 2, QueueCondition.Served)]
    [TestCase("quorum", "a b c", "a b c", 1, QueueCondition.WithoutProcess)]
    [TestCase(
        "quorum",
        "a b c",
        "a b",
        2,
        QueueCondition.Undecided,
        Description = "a node is away"
    )]
    [TestCase("quorum", "a b c", "a", 0, QueueCondition.Undecided)]
    [TestCase("quorum", "a b c", "", 0, QueueCondition.Undecided, Description = "nobody runs")]
    [TestCase("quorum", "", "a", 0, QueueCondition.Undecided, Description = "no member named")]
    [TestCase("classic", "a", "a", 0, QueueCondition.Undecided, Description = "not ours to judge")]
    public void A_queue_is_without_process_only_when_all_its_nodes_run(
        string type,
        string members,
        string running,
        int online,
        QueueCondition expected
    )
    {
        var nodes = members.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var queue = new ManagedQueue(
            "axis.inbox.x",
            type,
            new Dictionary<string, JsonElement>(),
            new Dictionary<string, JsonElement>(),
            nodes.Length,
            online
        )
        {
            MemberNodes = nodes,
        };
        Assert.That(
            QueueConditions.Of(queue, running.Split(' ').ToHashSet(StringComparer.Ordinal)),
            Is.EqualTo(expected)
        );
    }

    [TestCase(2, 30, true)]
    [TestCase(9, 300, true)]
    [TestCase(1, 300, false, Description = "it may have begun before others answered")]
    [TestCase(0, 300, false)]
    [TestCase(2, 29, false, Description = "not for long enough")]
    public void Silence_counts_when_it_went_on_after_others_answered(
        int unanswered,
        int seconds,
        bool hangs
    ) =>
        Assert.That(
            QueueConditions.Hangs(unanswered, TimeSpan.FromSeconds(seconds), DeadAfter),
            Is.EqualTo(hangs)
        );

    [TestCase("axis.inbox.so-y-te", "so-y-te")]
    [TestCase("axis.inbox.so-y-te.urgent", "so-y-te")]
    [TestCase("axis.events.so-y-te", "so-y-te")]
    [TestCase("axis.submissions", null)]
    [TestCase("axis.submissions.dead", null)]
    [TestCase("axis.examination", null)]
    [TestCase("somebody.elses", null)]
    public void A_queue_s_name_tells_whose_it_is(string queue, string? officeSystem) =>
        Assert.That(Topology.OfficeSystemOf(queue), Is.EqualTo(officeSystem));

    [Test]
    public void One_confirm_ends_a_suspicion_and_a_refusal_is_none()
    {
        var suspicions = new QueueSuspicions(TimeProvider.System);
        suspicions.Note("q", new PublishResult.Refused("full"));
        suspicions.Note("q", new PublishResult.Lost("connection"));
        Assert.That(suspicions.Any, Is.False);

        suspicions.Note("q", new PublishResult.Unanswered("late"));
        suspicions.Note("q", new PublishResult.Unanswered("late"));
        suspicions.Note("other", new PublishResult.Confirmed());
        Assert.That(suspicions.Of("q")?.Unanswered, Is.EqualTo(2));

        suspicions.Note("q", new PublishResult.Confirmed());
        Assert.That(suspicions.Any, Is.False);
    }
}
