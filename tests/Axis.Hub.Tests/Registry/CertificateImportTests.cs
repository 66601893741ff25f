using Axis.Hub.Registry.Import;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>The next certificate of an agency comes in by itself; the files of its province may be long out of date.</summary>
public sealed class CertificateImportTests
{
    private const string Known = "H99.01";

    private RegistryDatabase _database = null!;
    private string _folder = "";

    [SetUp]
    public async Task Open_a_registry_that_was_changed_since_its_import()
    {
        _database = await RegistryDatabase.CreateAsync();
        _folder = Directory.CreateTempSubdirectory("axis-certificates-").FullName;
        await _database.ExecuteAsync(
            $"""
            WITH a AS (
                INSERT INTO agency (id, name, kind, reach) VALUES (gen_random_uuid(), 'Sở', 'office', 'province') RETURNING id),
            c AS (INSERT INTO agency_code (agency_id, code, is_primary) SELECT id, '{Known}', true FROM a),
            s AS (INSERT INTO office_system (id, name, inbox_door) VALUES ('qlvb-so', 'QLVB', 'http') RETURNING id)
            INSERT INTO office_system_agency (agency_id, office_system_id) SELECT a.id, s.id FROM a, s
            """
        );
    }

    [TearDown]
    public async Task Close_it()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task It_is_registered_and_nothing_else_is_touched()
    {
        Certify(Known);
        var before = await RestAsync();

        var first = await ImportAsync();
        var again = await ImportAsync();

        Assert.That(first.Code, Is.Zero, first.Said);
        Assert.That(first.Said, Does.Match("certificates +1 read, 1 written"));
        Assert.That(again.Said, Does.Match("certificates +1 read, 0 written"));
        Assert.That(await RestAsync(), Is.EqualTo(before));
        var registry = await _database.ReadAsync();
        var now = TimeProvider.System.GetUtcNow();
        Assert.That(registry.TryFindAgency(Known, now, out var agency));
        Assert.That(registry.CertificatesOf(agency!.Id), Has.Count.EqualTo(1));
        Assert.That(registry.OfficeSystemOf(agency.Id, now)!.Id, Is.EqualTo("qlvb-so"));
    }

    [Test]
    public async Task A_code_that_nobody_has_is_named_and_none_of_the_others_comes_in()
    {
        Certify(Known);
        Certify("H99.77");

        var (code, said) = await ImportAsync();

        Assert.That(code, Is.EqualTo(1));
        Assert.That(
            said,
            Does.Contain("H99.77.cert.pem")
                .And.Contain("không có cơ quan nào")
                .And.Contain("Nothing was imported")
        );
        Assert.That(await _database.CountAsync("certificate"), Is.Zero);
    }

    [Test]
    public async Task Certificates_and_secrets_without_a_province_make_no_sense()
    {
        var (code, said) = await ImportAsync("--credentials", "x.json");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(said, Does.Contain("usage:"));
    }

    private async Task<(int Code, string Said)> ImportAsync(params string[] more)
    {
        using var said = new StringWriter();
        var code = await ImportVerb.RunAsync(
            ["--certificates", _folder, .. more],
            _database.Source,
            TimeProvider.System,
            said,
            said,
            CancellationToken.None
        );
        return (code, said.ToString());
    }

    private async Task<long[]> RestAsync() =>
        [
            await _database.CountAsync("agency"),
            await _database.CountAsync("agency_code"),
            await _database.CountAsync("office_system_agency WHERE now() < until"),
            await _database.CountAsync("credential"),
        ];

    private void Certify(string code) =>
        File.WriteAllText(
            Path.Combine(_folder, code + CertificateFiles.Suffix),
            TestKeys.Of(code).ExportCertificatePem()
        );
}
