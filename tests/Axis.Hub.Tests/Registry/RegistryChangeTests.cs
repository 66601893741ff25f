using Axis.Hub.Registry;
using Axis.Hub.Registry.Editing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axis.Hub.Tests.Registry;

/// <summary>A node reads what changed since its version, and everything when that is not to be known.</summary>
public sealed class RegistryChangeTests
{
    private RegistryDatabase _database = null!;
    private RegistryReader _reader = null!;

    [OneTimeSetUp]
    public async Task Make_a_registry_of_three_thousand()
    {
        _database = await RegistryDatabase.CreateAsync();
        _reader = new RegistryReader(_database.Source, NullLogger<RegistryReader>.Instance);
        await _database.ExecuteAsync(
            """
            INSERT INTO agency (id, name, kind, reach)
            SELECT gen_random_uuid(), 'Xã ' || n, 'commune', 'province' FROM generate_series(1, 3000) AS n;
            INSERT INTO agency_code (code, agency_id)
            SELECT 'H90.' || substr(name, 4), id FROM agency;
            """
        );
    }

    [OneTimeTearDown]
    public async Task Leave_it() => await _database.DisposeAsync();

    [TestCase("UPDATE agency SET name = 'Mới' WHERE name LIKE 'Xã 7'", "H90.7")]
    [TestCase(
        "INSERT INTO agency_code (code, agency_id) SELECT 'H91.8', agency_id FROM agency_code WHERE code = 'H90.8'",
        "H91.8"
    )]
    [TestCase("UPDATE agency SET closed_at = now() WHERE name = 'Xã 9'", "H90.9")]
    [TestCase("DELETE FROM agency_code WHERE code = 'H90.10'", null)]
    public async Task One_agency_that_changed_is_read_alone(string change, string? code)
    {
        var before = await ReadAsync(null);
        await _database.ExecuteAsync(change);
        var after = await ReadAsync(before);
        var whole = await ReadAsync(null);
        var same = after.Agencies.Count(agency =>
            ReferenceEquals(agency, before.AgencyById(agency.Id))
        );
        Assert.That(same, Is.EqualTo(2999));
        Assert.That(after.Version, Is.EqualTo(whole.Version));
        Assert.That(Told(after), Is.EqualTo(Told(whole)));
        Assert.That(code is null || after.LastOwnerOf(code) is not null);
    }

    [Test]
    public async Task A_statement_that_touches_nothing_changes_no_version()
    {
        var before = await ReadAsync(null);
        await _database.ExecuteAsync("UPDATE agency SET name = 'x' WHERE name = 'nobody'");
        Assert.That(await ReadAsync(before), Is.SameAs(before));
    }

    [Test]
    public async Task A_change_of_thousands_reads_everything()
    {
        var before = await ReadAsync(null);
        await _database.ExecuteAsync("UPDATE agency SET email = 'a@example.vn'");
        var after = await ReadAsync(before);
        Assert.That(after.Agencies.All(agency => agency.Email == "a@example.vn"));
    }

    [Test]
    public async Task A_node_that_fell_behind_the_log_reads_everything()
    {
        var before = await ReadAsync(null);
        await _database.ExecuteAsync(
            "UPDATE agency SET email = 'b@example.vn' WHERE name = 'Xã 11'"
        );
        await _database.ExecuteAsync("UPDATE registry_version SET version = version + 20000");
        await new RegistryUpkeep(
            _database.Source,
            TimeProvider.System,
            NullLogger<RegistryUpkeep>.Instance
        ).RunAsync(CancellationToken.None);
        Assert.That(await _database.CountAsync("registry_change"), Is.Zero);
        var after = await ReadAsync(before);
        Assert.That(after.LastOwnerOf("H90.11")!.Email, Is.EqualTo("b@example.vn"));
    }

    [Test]
    public async Task A_database_that_was_put_back_is_believed()
    {
        var before = await ReadAsync(null);
        await _database.ExecuteAsync("UPDATE registry_version SET version = version - 1");
        var after = await ReadAsync(before);
        Assert.That(after.Version, Is.EqualTo(before.Version - 1));
    }

    [Test]
    public async Task A_plan_whose_instant_has_passed_becomes_the_row_and_reads_the_same()
    {
        await _database.ExecuteAsync(
            """
            INSERT INTO agency_plan (agency_id, effective_at, name)
            SELECT agency_id, at, name FROM agency_code,
                (VALUES (timestamptz '2020-01-01Z', 'Hai'), ('2021-01-01Z', 'Ba'), ('2099-01-01Z', 'Bốn')) AS p (at, name)
            WHERE code = 'H90.12'
            """
        );
        Assert.That((await ReadAsync(null)).LastOwnerOf("H90.12")!.Name, Is.EqualTo("Ba"));
        await new RegistryUpkeep(
            _database.Source,
            TimeProvider.System,
            NullLogger<RegistryUpkeep>.Instance
        ).RunAsync(CancellationToken.None);
        var folded = await ReadAsync(null);
        Assert.That(folded.LastOwnerOf("H90.12")!.Name, Is.EqualTo("Ba"));
        Assert.That(folded.LastOwnerOf("H90.12")!.Plans, Has.Count.EqualTo(1));
        Assert.That(await _database.CountAsync("agency WHERE name = 'Ba'"), Is.EqualTo(1));
    }

    private Task<RegistrySnapshot> ReadAsync(RegistrySnapshot? previous) =>
        _reader.ReadAsync(previous, TimeProvider.System.GetUtcNow(), CancellationToken.None);

    private static string Told(RegistrySnapshot registry) =>
        string.Join(
            '\n',
            registry
                .Agencies.Select(agency =>
                    $"{agency.Id} {agency.Name} {agency.Status} {string.Join(' ', agency.Codes.Select(code => code.Code))}"
                )
                .Order(StringComparer.Ordinal)
        );
}
