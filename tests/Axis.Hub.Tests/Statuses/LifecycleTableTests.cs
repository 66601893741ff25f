using Axis.Hub.Statuses;

namespace Axis.Hub.Tests.Statuses;

/// <summary>The table by itself: that it is whole, that it ends, and that the judge does what it says.</summary>
public sealed class LifecycleTableTests
{
    private static readonly string[] s_states =
    [
        "waiting",
        "held",
        "failed",
        "dispatched",
        "collected",
        "withdrawn",
        "replaced",
        "expired",
    ];

    private static readonly string?[] s_works = [null, "01", "02", "03", "04", "05", "06"];

    /// <summary>Every combination of facts that a row can hold.</summary>
    internal static IEnumerable<Position> Positions() =>
        from state in s_states
        from work in s_works
        from dialogue in Dialogues.All.Append(null)
        select new Position(state, work, dialogue);

    [Test]
    public void A_stage_has_at_most_one_row_for_an_event() =>
        Assert.That(
            Lifecycle.Table.SelectMany(row => row.From.Select(from => (from, row.Event))),
            Is.Unique
        );

    [Test]
    public void Final_are_refused_done_recalled_withdrawn_replaced_and_expired() =>
        Assert.That(
            Lifecycle.Finals,
            Is.EquivalentTo(
                new[]
                {
                    Stage.Refused,
                    Stage.Done,
                    Stage.Recalled,
                    Stage.Withdrawn,
                    Stage.Replaced,
                    Stage.Expired,
                }
            )
        );

    [Test]
    public void From_every_stage_an_end_can_be_reached()
    {
        var reaching = Lifecycle.Finals.ToHashSet();
        while (
            Lifecycle
                .Table.Where(row => reaching.Contains(row.To ?? Stage.Processing))
                .SelectMany(row => row.From)
                .Any(reaching.Add)
        ) { }

        Assert.That(reaching, Is.EquivalentTo(Enum.GetValues<Stage>()));
    }

    [Test]
    public void Each_row_leads_where_it_says_from_every_position_of_its_stages()
    {
        foreach (
            var (row, at) in from row in Lifecycle.Table
            from at in Positions()
            where row.From.Contains(at.Stage)
            select (row, at)
        )
        {
            var (outcome, after) = Lifecycle.Judge(at, row.Event);

            Assert.That(outcome, Is.EqualTo(ReportOutcome.Applied), $"{at} {row.Event}");
            Assert.That(after.Stage, Is.EqualTo(row.To ?? at.Beneath), $"{at} {row.Event}");
        }
    }

    [Test]
    public void What_the_table_does_not_name_changes_nothing()
    {
        foreach (var at in Positions())
        {
            foreach (var raised in Enum.GetValues<LifeEvent>())
            {
                var named = Lifecycle.Table.Any(row =>
                    row.Event == raised
                    && (
                        row.From.Contains(at.Stage)
                        || (
                            Lifecycle.Passing.TryGetValue(at.Stage, out var passing)
                            && passing.Contains(raised)
                            && row.From.Contains(at.Beneath)
                        )
                    )
                );
                var (outcome, after) = Lifecycle.Judge(at, raised);

                Assert.That(outcome == ReportOutcome.Applied, Is.EqualTo(named), $"{at} {raised}");
                if (!named)
                {
                    Assert.That(after, Is.EqualTo(at), $"{at} {raised}");
                }
            }
        }
    }

    [Test]
    public void A_final_stage_stays_final_whatever_happens() =>
        Assert.That(
            from at in Positions()
            where Lifecycle.Finals.Contains(at.Stage)
            from raised in Enum.GetValues<LifeEvent>()
            where Lifecycle.Judge(at, raised).After.Stage != at.Stage
            select $"{at} {raised}",
            Is.Empty
        );

    [Test]
    public void Each_party_writes_only_its_own_fact()
    {
        foreach (
            var (row, at) in from row in Lifecycle.Table
            from at in Positions()
            select (row, at)
        )
        {
            var after = Lifecycle.Judge(at, row.Event).After;
            var work = after.Work != at.Work;
            var dialogue = after.Dialogue != at.Dialogue;

            Assert.That(work && row.By != Raiser.Recipient, Is.False, $"{at} {row.Event}");
            Assert.That(
                dialogue && row.By is Raiser.Hub or Raiser.Clock && dialogue,
                Is.False,
                $"{at} {row.Event}"
            );
        }
    }

    [Test]
    public void The_page_prints_the_table()
    {
        Documents.AssertPartIs("docs/lifecycle.md", "table", LifecyclePage.Table());
        Documents.AssertPartIs("docs/lifecycle.md", "events", LifecyclePage.Events());
    }

    [Test]
    public void The_contract_lists_every_type_of_event_and_no_other()
    {
        var listed = TestKit.ContractAmqp.File.Root["components"]!["messages"]!["Event"]![
            "x-axis-event-types"
        ]!.Items.Select(one =>
            (
                one["name"]!.Text,
                string.Join(' ', one["to"]!.Items.Select(to => to.Text)),
                one["when"]!.Text
            )
        );

        Assert.That(
            listed,
            Is.EqualTo(
                EventTypes.All.Select(type =>
                    (type.Name, string.Join(' ', LifecyclePage.Listeners(type)), type.When)
                )
            )
        );
    }
}
