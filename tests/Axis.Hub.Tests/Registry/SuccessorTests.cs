using Axis.Hub.Registry;

namespace Axis.Hub.Tests.Registry;

/// <summary>From a code to who receives, on snapshots alone.</summary>
public sealed class SuccessorTests
{
    private static readonly DateTimeOffset s_instant = new(
        2026,
        7,
        1,
        0,
        0,
        0,
        TimeSpan.FromHours(7)
    );
    private static readonly DateTimeOffset s_before = s_instant.AddTicks(-1);

    // Written as a province is redrawn: who closes at which instant, and who takes its place.
    [TestCase("A>B", "A", "B")]
    [TestCase("A>B B>C", "A", "C")]
    [TestCase("A>B B>C C>D", "B", "D")]
    [TestCase("A>B A>C", "A", "B C")]
    [TestCase("A>B A>C C>B", "A", "B")]
    [TestCase("A>B A>C B>D C>D", "A", "D")]
    [TestCase("A>B B>A", "A", "")]
    [TestCase("A>B B>C C>B", "A", "")]
    [TestCase("A>B B>C C>B C>D", "A", "D")]
    [TestCase("A>", "A", "")]
    [TestCase("A>", "B", "B")]
    public void A_closed_agency_leads_to_whoever_is_left(string acts, string named, string reached)
    {
        var registry = Province(acts).Snapshot(s_instant);
        Assert.That(Reached(registry.Resolve(named, s_instant)), Is.EqualTo(reached));
        Assert.That(Reached(registry.Resolve(named, s_before)), Is.EqualTo(named));
    }

    [Test]
    public void A_snapshot_taken_before_answers_for_after()
    {
        var registry = Province("A>B").Snapshot(s_before);
        Assert.That(registry.ChangesAt, Is.EqualTo(s_instant));
        Assert.That(Reached(registry.Resolve("A", s_instant)), Is.EqualTo("B"));
        var after = registry.At(s_instant);
        Assert.That(after.LastOwnerOf("A")!.Status, Is.EqualTo(AgencyStatus.Closed));
        Assert.That(registry.LastOwnerOf("A")!.Status, Is.EqualTo(AgencyStatus.Active));
    }

    [Test]
    public void The_substitution_says_who_was_named_why_and_since_when()
    {
        var one = (Resolution.One)Province("A>B B>C").Snapshot(s_instant).Resolve("A", s_instant);
        Assert.That(
            one.Substitution,
            Is.EqualTo(
                new Substitution(
                    "A",
                    "Cơ quan A",
                    SuccessionKind.Merged,
                    s_instant,
                    "C",
                    "Cơ quan C"
                )
            )
        );
        Assert.That(
            one.Substitution!.ToHeader(),
            Is.EqualTo("A; by=C; kind=merged; since=2026-07-01T00:00:00+07:00")
        );
    }

    [Test]
    public void An_ended_code_leads_to_its_agency_and_a_coming_one_to_nobody()
    {
        var province = new SnapshotProvince()
            .Agency("A")
            .Code("A", "OLD", DateTimeOffset.MinValue, s_instant)
            .Code("A", "NEW", s_instant);
        var registry = province.Snapshot(s_before);

        Assert.That(registry.Resolve("NEW", s_before), Is.InstanceOf<Resolution.Unknown>());
        Assert.That(((Resolution.One)registry.Resolve("OLD", s_before)).Substitution, Is.Null);
        var ended = (Resolution.One)registry.Resolve("OLD", s_instant);
        Assert.That(ended.Substitution!.Kind, Is.EqualTo(SuccessionKind.Renamed));
        Assert.That(ended.Substitution.Since, Is.EqualTo(s_instant));
    }

    [Test]
    public void A_code_that_passed_on_names_its_new_owner_and_answers_for_both()
    {
        var registry = new SnapshotProvince()
            .Agency("A")
            .Agency("B")
            .Code("A", "X", DateTimeOffset.MinValue, s_instant)
            .Code("B", "X", s_instant)
            .Snapshot(s_instant);
        Assert.That(Reached(registry.Resolve("X", s_instant)), Is.EqualTo("B"));
        Assert.That(
            registry.FamilyOf("X", s_instant).Select(id => registry.AgencyById(id)!.Name),
            Is.EqualTo(new[] { "Cơ quan B", "Cơ quan A" })
        );
    }

    [Test]
    public void An_heir_reads_for_those_it_alone_succeeded()
    {
        var registry = Province("A>B C>B C>D")
            .Served("A", "first", DateTimeOffset.MinValue, s_instant)
            .Served("B", "second")
            .Snapshot(s_instant);
        var second = registry.OfficeSystem("second")!;
        Assert.That(second.Agencies, Is.EquivalentTo([Id("B")]));
        Assert.That(second.Inherited, Is.EquivalentTo([Id("A")]));
        Assert.That(registry.OfficeSystem("first")!.Inherited, Is.Empty);
        Assert.That(registry.HeirdomOf(Id("B"), s_instant), Is.EqualTo(new[] { Id("B"), Id("A") }));
        Assert.That(registry.OfficeSystemFor(Id("A"), s_instant)!.Id, Is.EqualTo("second"));

        Guid Id(string code) => registry.LastOwnerOf(code)!.Id;
    }

    [Test]
    public void Changing_a_snapshot_gives_what_reading_all_gives()
    {
        var random = new Random(5);
        var province = new SnapshotProvince();
        var names = Enumerable.Range(0, 30).Select(n => $"N{n}").ToArray();
        foreach (var name in names)
        {
            province.Agency(name).Served(name, "first");
        }
        var grown = province.Snapshot(s_before);
        for (var step = 0; step < 60; step++)
        {
            var touched = names[random.Next(names.Length)];
            switch (random.Next(4))
            {
                case 0:
                    province.Close(touched, s_instant.AddMinutes(random.Next(3)));
                    break;
                case 1:
                    province.Succeed(touched, names[random.Next(names.Length)], s_instant);
                    break;
                case 2:
                    province.Code(touched, $"C{step}", s_instant.AddMinutes(random.Next(3)));
                    break;
                default:
                    province.HandOver(touched, $"system-{random.Next(3)}", s_instant.AddMinutes(1));
                    break;
            }
            var at = s_before.AddMinutes(step / 15);
            grown = grown.With(province.Changes(touched), at);
            SnapshotProvince.AssertSame(grown, province.Snapshot(at), at);
        }
    }

    private static SnapshotProvince Province(string acts)
    {
        var province = new SnapshotProvince();
        foreach (var code in "ABCD".Select(letter => letter.ToString()))
        {
            province.Agency(code);
        }
        foreach (var act in acts.Split(' '))
        {
            var (closed, successor) = (act[..1], act[2..]);
            province.Close(closed, s_instant);
            if (successor.Length > 0)
            {
                province.Succeed(closed, successor, s_instant);
            }
        }
        return province;
    }

    private static string Reached(Resolution resolution) =>
        resolution switch
        {
            Resolution.One one => one.Agency.PrimaryCode,
            Resolution.Several several => string.Join(
                ' ',
                several.Successors.Select(agency => agency.PrimaryCode)
            ),
            Resolution.Nobody => "",
            _ => "?",
        };
}
