using Axis.Hub.Registry;

namespace Axis.Hub.Tests.Registry;

public sealed class RegistrySnapshotTests
{
    private static readonly DateTimeOffset s_merger = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_before = s_merger.AddTicks(-1);
    private static readonly Guid s_old = Guid.CreateVersion7();
    private static readonly Guid s_new = Guid.CreateVersion7();

    [Test]
    public void A_code_names_its_agency_of_that_moment()
    {
        var registry = Snapshot(s_merger);
        Assert.That(registry.TryFindAgency("H99.10", s_before, out var then));
        Assert.That(registry.TryFindAgency("H99.10", s_merger, out var now));
        Assert.That((then!.Id, now!.Id), Is.EqualTo((s_old, s_new)));
        Assert.That(registry.LastOwnerOf("H99.10")!.Id, Is.EqualTo(s_new));
    }

    [Test]
    public void A_code_that_ended_names_nobody_but_is_remembered()
    {
        var registry = Snapshot(s_merger);
        Assert.That(registry.TryFindAgency("000.00.10.H99", s_before, out _));
        Assert.That(registry.TryFindAgency("000.00.10.H99", s_merger, out _), Is.False);
        Assert.That(registry.LastOwnerOf("000.00.10.H99")!.Id, Is.EqualTo(s_old));
        Assert.That(registry.TryFindAgency("H99.99", s_merger, out _), Is.False);
        Assert.That(registry.LastOwnerOf("H99.99"), Is.Null);
    }

    [Test]
    public void Codes_are_compared_by_exact_text() =>
        Assert.That(Snapshot(s_merger).TryFindAgency("h99.10", s_merger, out _), Is.False);

    [Test]
    public void An_agency_passes_from_one_office_system_to_another()
    {
        var registry = Snapshot(s_merger);
        Assert.That(registry.OfficeSystemOf(s_new, s_before)!.Id, Is.EqualTo("first"));
        Assert.That(registry.OfficeSystemOf(s_new, s_merger)!.Id, Is.EqualTo("second"));
        Assert.That(registry.OfficeSystem("first")!.Agencies, Is.Empty);
        Assert.That(registry.OfficeSystem("second")!.Agencies, Is.EquivalentTo([s_new]));
    }

    [Test]
    public void The_snapshot_knows_when_time_alone_will_change_it()
    {
        Assert.That(Snapshot(s_before).ChangesAt, Is.EqualTo(s_merger));
        Assert.That(Snapshot(s_merger).ChangesAt, Is.EqualTo(DateTimeOffset.MaxValue));
    }

    [Test]
    public void The_primary_code_comes_first()
    {
        var codes = Snapshot(s_merger).AgencyById(s_new)!;
        Assert.That(codes.PrimaryCode, Is.EqualTo("H99.10"));
        Assert.That(
            codes.Codes.Select(code => code.Code),
            Is.EqualTo(new[] { "H99.10", "000.00.11.H99" })
        );
    }

    private static RegistrySnapshot Snapshot(DateTimeOffset at) =>
        new(
            new RegistryRows(
                7,
                [Agency(s_old), Agency(s_new)],
                [
                    Code(s_old, "H99.10", true, DateTimeOffset.MinValue, s_merger),
                    Code(s_old, "000.00.10.H99", false, DateTimeOffset.MinValue, s_merger),
                    Code(s_new, "000.00.11.H99", false, DateTimeOffset.MinValue),
                    Code(s_new, "H99.10", true, s_merger),
                ],
                [System("first"), System("second")],
                [
                    new(s_new, "first", DateTimeOffset.MinValue, s_merger),
                    new(s_new, "second", s_merger, DateTimeOffset.MaxValue),
                ],
                [],
                [],
                []
            ),
            at
        );

    private static AgencyRow Agency(Guid id) =>
        new(id, "Sở", null, null, "department", AgencyReach.Province, AgencyStatus.Active, null);

    private static AgencyCodeRow Code(
        Guid agency,
        string code,
        bool primary,
        DateTimeOffset from,
        DateTimeOffset? to = null
    ) => new(agency, new(code, primary, from, to ?? DateTimeOffset.MaxValue));

    private static OfficeSystemRow System(string id) => new(id, id, true, Door.Http);
}
