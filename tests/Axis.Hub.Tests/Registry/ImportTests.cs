using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Axis.Hub.Registry.Import;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

public sealed class ImportTests
{
    private const string Agencies = """
        code,oldCode,name,inCharge,parent,kind,reach,email
        H99,000.00.00.H99,Uỷ ban nhân dân tỉnh,,,office,province,ubnd@example.vn
        H99.01,000.00.01.H99,"Văn phòng, Uỷ ban",Uỷ ban,H99,office,province,
        H99.20,,Xã Bình Minh,,H99,commune,province,
        G22,000.00.00.G22,Văn phòng Chính phủ,,,ministry,national,

        """;

    private const string OfficeSystems = """
        id,name,inboxDoor
        qlvb-so,Phần mềm của các sở,http
        qlvb-xa,Phần mềm của các xã,amqp

        """;

    private const string Services = """
        officeSystem,agency
        qlvb-so,H99
        qlvb-so,H99.01
        qlvb-xa,H99.20

        """;

    private const string Operators = """
        id,name,roles
        truc-vh,Trực vận hành,viewer operator

        """;

    private const string Policies = """
        scope,subject,policy,validFrom,validTo
        hub,,envelope,,
        office_system,qlvb-xa,record,,
        agency,H99,document,2027-01-01,2027-02-01

        """;

    private RegistryDatabase _database = null!;
    private string _folder = "";

    private string Province => Path.Combine(_folder, "province");
    private string Certificates => Path.Combine(_folder, "certificates");
    private string Credentials => Path.Combine(_folder, "secret", "credentials.json");

    [SetUp]
    public async Task Write_a_province()
    {
        _database = await RegistryDatabase.CreateAsync();
        _folder = Directory.CreateTempSubdirectory("axis-import-").FullName;
        Directory.CreateDirectory(Province);
        Directory.CreateDirectory(Certificates);
        Write("agencies.csv", Agencies);
        Write("office-systems.csv", OfficeSystems);
        Write("office-system-agencies.csv", Services);
        Write("operators.csv", Operators);
        Write("signature-policies.csv", Policies);
        Certify("H99.01", "H99.01");
    }

    [TearDown]
    public async Task Remove_it()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_province_comes_in_whole()
    {
        Assert.That(await ImportAsync(), Is.EqualTo((0, "")));

        var registry = await _database.ReadAsync();
        var now = DateTimeOffset.MaxValue.AddDays(-1);
        Assert.That(registry.TryFindAgency("000.00.01.H99", now, out var office));
        Assert.That(office!.PrimaryCode, Is.EqualTo("H99.01"));
        Assert.That(office.Name, Is.EqualTo("Văn phòng, Uỷ ban"));
        Assert.That(registry.AgencyById(office.ParentId!.Value)!.PrimaryCode, Is.EqualTo("H99"));
        Assert.That(registry.CertificatesOf(office.Id), Has.Count.EqualTo(1));
        Assert.That(registry.OfficeSystemOf(office.Id, now)!.Id, Is.EqualTo("qlvb-so"));
        Assert.That(registry.TryFindAgency("G22", now, out var ministry));
        Assert.That(ministry!.Reach, Is.EqualTo(AgencyReach.National));
        Assert.That(registry.OfficeSystem("qlvb-xa")!.InboxDoor, Is.EqualTo(Door.Amqp));
        Assert.That(
            registry.SignaturePolicies.For("qlvb-xa", null, now),
            Is.EqualTo(SignaturePolicy.Record)
        );
        Assert.That(
            registry.Operator("truc-vh")!.Roles,
            Is.EqualTo(OperatorRoles.Viewer | OperatorRoles.Operator)
        );
    }

    [TestCase("collectedIsArrival")]
    [TestCase("announcesArrivals")]
    public async Task A_wish_of_an_office_system_may_be_said_in_a_column_and_stays_without_it(
        string column
    )
    {
        var said = $"""
            id,name,inboxDoor,{column}
            qlvb-so,Phần mềm của các sở,http,true
            qlvb-xa,Phần mềm của các xã,amqp,

            """;
        await ImportAsync();
        var before = await _database.ReadAsync();
        Write("office-systems.csv", said);
        await ImportAsync();
        var asked = await _database.ReadAsync();
        Write("office-systems.csv", OfficeSystems);
        await ImportAsync();
        var after = await _database.ReadAsync();
        Write("office-systems.csv", said.Replace("true", "false", StringComparison.Ordinal));
        await ImportAsync();
        var taken = await _database.ReadAsync();

        Assert.That(
            ((RegistrySnapshot[])[before, asked, after, taken]).Select(registry =>
                (Wishes(registry, "qlvb-so"), Wishes(registry, "qlvb-xa"))
            ),
            Is.EqualTo(new[] { ("", ""), (column, ""), (column, ""), ("", "") })
        );
        Write("office-systems.csv", said.Replace("true", "yes", StringComparison.Ordinal));
        var (code, problems) = await ImportAsync();
        Assert.That(code, Is.Not.Zero);
        Assert.That(problems, Does.Contain($"{column} \"yes\": true, false or nothing"));

        static string Wishes(RegistrySnapshot registry, string id)
        {
            var system = registry.OfficeSystem(id)!;
            return (system.CollectedIsArrival ? "collectedIsArrival" : "")
                + (system.AnnouncesArrivals ? "announcesArrivals" : "");
        }
    }

    [Test]
    [SupportedOSPlatform("linux")]
    public async Task The_secrets_in_the_file_are_those_that_work_and_only_the_owner_reads_them()
    {
        await ImportAsync();
        var registry = await _database.ReadAsync();
        var file = ReadCredentials();
        var system = file.GetProperty("officeSystems")[0];
        Assert.That(system.GetProperty("id").GetString(), Is.EqualTo("qlvb-so"));
        Assert.That(system.GetProperty("inboxDoor").GetString(), Is.EqualTo("http"));
        Assert.That(
            system.GetProperty("agencies").EnumerateArray().Select(code => code.GetString()),
            Is.EqualTo(new[] { "H99", "H99.01" })
        );
        var secret = system.GetProperty("secret").GetString()!;
        Assert.That(secret, Has.Length.EqualTo(43), "256 bits in base64url");
        Assert.That(
            ClientSecrets
                .Check(registry, "qlvb-so", secret, TimeProvider.System.GetUtcNow())
                ?.Holder,
            Is.EqualTo(new Holder(HolderKind.OfficeSystem, "qlvb-so"))
        );
        var person = file.GetProperty("operators")[0].GetProperty("secret").GetString()!;
        Assert.That(
            ClientSecrets
                .Check(registry, "truc-vh", person, TimeProvider.System.GetUtcNow())
                ?.Holder,
            Is.EqualTo(new Holder(HolderKind.Operator, "truc-vh"))
        );
        Assert.That(
            File.GetUnixFileMode(Credentials),
            Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite)
        );
    }

    [Test]
    public async Task A_repeat_changes_nothing()
    {
        await ImportAsync();
        var before = await RowsAsync();
        var secrets = await File.ReadAllTextAsync(Credentials);

        var report = await RunAsync();

        Assert.That(await RowsAsync(), Is.EqualTo(before));
        Assert.That(await File.ReadAllTextAsync(Credentials), Is.EqualTo(secrets));
        Assert.That(
            (
                report.Agencies.Written,
                report.Codes.Written,
                report.OfficeSystems.Written,
                report.ServicesChanged,
                report.Operators.Written,
                report.Certificates.Written,
                report.NewSecrets
            ),
            Is.EqualTo((0, 0, 0, 0, 0, 0, 0))
        );
    }

    [Test]
    public async Task The_secrets_of_the_file_are_registered_in_a_new_database()
    {
        await ImportAsync();
        var secrets = await File.ReadAllTextAsync(Credentials);
        await _database.DisposeAsync();
        _database = await RegistryDatabase.CreateAsync();

        var report = await RunAsync();

        Assert.That(report.NewSecrets, Is.Zero);
        Assert.That(await File.ReadAllTextAsync(Credentials), Is.EqualTo(secrets));
        Assert.That(await _database.CountAsync("credential"), Is.EqualTo(3));
    }

    [Test]
    public async Task A_lost_secret_is_named_and_not_replaced()
    {
        await ImportAsync();
        File.Delete(Credentials);
        var report = await RunAsync();
        Assert.That(report.SecretUnknown, Is.EqualTo(new[] { "qlvb-so", "qlvb-xa", "truc-vh" }));
        Assert.That(await _database.CountAsync("credential"), Is.EqualTo(3));
    }

    [Test]
    public async Task Changes_in_the_files_are_changes_in_the_registry()
    {
        await ImportAsync();
        // The office gets a new code and keeps the one before as an older form; the commune changes its office system.
        Write("agencies.csv", Agencies.Replace("H99.01,000.00.01.H99", "H99.02,H99.01"));
        Write(
            "office-system-agencies.csv",
            "officeSystem,agency\nqlvb-so,H99\nqlvb-so,H99.02\nqlvb-so,H99.20\n"
        );
        File.Delete(Path.Combine(Certificates, "H99.01.cert.pem"));
        var before = await _database.ReadAsync();
        Assert.That(await ImportAsync(), Is.EqualTo((0, "")));
        var after = await _database.ReadAsync();

        Assert.That(after.LastOwnerOf("H99.02")!.Id, Is.EqualTo(before.LastOwnerOf("H99.01")!.Id));
        Assert.That(after.LastOwnerOf("H99.01")!.PrimaryCode, Is.EqualTo("H99.02"));
        Assert.That(after.OfficeSystem("qlvb-xa")!.Agencies, Is.Empty);
        Assert.That(after.OfficeSystem("qlvb-so")!.Agencies, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task What_was_locked_stays_locked()
    {
        await ImportAsync();
        await _database.ExecuteAsync("UPDATE office_system SET status = 'locked'");
        await _database.ExecuteAsync("UPDATE agency SET status = 'closed'");
        Write("office-systems.csv", OfficeSystems.Replace("của các", "dùng chung của các"));
        await ImportAsync();
        var registry = await _database.ReadAsync();
        Assert.That(registry.OfficeSystems.Any(system => system.IsActive), Is.False);
        Assert.That(registry.Agencies.All(agency => agency.Status == AgencyStatus.Closed));
    }

    [TestCase("agencies.csv", "H99.20,,Xã", "h99 20,,Xã", "agencies.csv:4:1:")]
    [TestCase("agencies.csv", "H99.20,,Xã Bình Minh", "H99.20,,", "agencies.csv:4:9:")]
    [TestCase("agencies.csv", "H99,commune", "H98,commune", "agencies.csv:4:23:")]
    [TestCase("agencies.csv", "Minh,,H99,", "Minh,,H99.20,", "agencies.csv:4:23:")]
    [TestCase("agencies.csv", "ministry,national", "ministry,abroad", "agencies.csv:5:")]
    [TestCase("agencies.csv", "G22,000.00.00.G22", "G22,000.00.00.H99", "agencies.csv:5:5:")]
    [TestCase("agencies.csv", "ubnd@example.vn", "ubnd", "agencies.csv:2:")]
    [TestCase("agencies.csv", ",email\n", ",mail\n", "agencies.csv:1:")]
    [TestCase("agencies.csv", "\"Văn phòng, Uỷ ban\"", "\"Văn phòng", "agencies.csv:3:22:")]
    [TestCase("agencies.csv", "commune,province,\n", "commune\n", "agencies.csv:4:")]
    [TestCase("office-systems.csv", "qlvb-xa", "QLVB", "office-systems.csv:3:1:")]
    [TestCase("office-systems.csv", "qlvb-xa", "qlvb-so", "office-systems.csv:3:1:")]
    [TestCase("office-systems.csv", "amqp", "AMQP", "office-systems.csv:3:")]
    [TestCase("signature-policies.csv", ",record,", ",none,", "signature-policies.csv:3:")]
    [TestCase("signature-policies.csv", "qlvb-xa", "qlvb", "signature-policies.csv:3:")]
    [TestCase("signature-policies.csv", "agency,", "person,", "signature-policies.csv:4:1:")]
    [TestCase("signature-policies.csv", "2027-02-01", "soon", "signature-policies.csv:4:")]
    [TestCase("signature-policies.csv", "2027-02-01", "2027-01-01", "signature-policies.csv:4:")]
    [TestCase("signature-policies.csv", "hub,,", "hub,H99,", "signature-policies.csv:2:5:")]
    [TestCase(
        "office-system-agencies.csv",
        "xa,H99.20",
        "xa,G22",
        "office-system-agencies.csv:4:9:"
    )]
    [TestCase(
        "office-system-agencies.csv",
        "xa,H99.20",
        "xa,H99",
        "office-system-agencies.csv:4:9:"
    )]
    [TestCase("office-system-agencies.csv", "qlvb-xa", "qlvb", "office-system-agencies.csv:4:1:")]
    [TestCase("operators.csv", "viewer operator", "viewer root", "operators.csv:2:")]
    [TestCase("operators.csv", "truc-vh", "qlvb-so", "operators.csv:2:1:")]
    public async Task A_broken_row_names_its_place_and_changes_nothing(
        string file,
        string good,
        string broken,
        string place
    )
    {
        var path = Path.Combine(Province, file);
        var text = await File.ReadAllTextAsync(path);
        Assert.That(text, Does.Contain(good), "the case itself");
        await File.WriteAllTextAsync(path, text.Replace(good, broken, StringComparison.Ordinal));
        var version = (await _database.ReadAsync()).Version;

        var (code, error) = await ImportAsync();

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain(place).And.Contain("Nothing was imported"));
        Assert.That((await _database.ReadAsync()).Version, Is.EqualTo(version));
        Assert.That(File.Exists(Credentials), Is.False);
    }

    [Test]
    public async Task All_problems_are_named_at_once()
    {
        Write("agencies.csv", Agencies.Replace("province", "here"));
        Write("operators.csv", Operators.Replace("viewer operator", ""));
        var (_, error) = await ImportAsync();
        Assert.That(error.Split('\n').Count(line => line.Contains("agencies.csv:")), Is.EqualTo(3));
        Assert.That(error, Does.Contain("operators.csv:2:"));
    }

    [Test]
    public async Task A_failure_in_the_last_table_undoes_the_first()
    {
        await _database.ExecuteAsync("ALTER TABLE credential ADD CHECK (operator_id IS NULL)");
        Assert.That(async () => await ImportAsync(), Throws.InstanceOf<Npgsql.PostgresException>());
        Assert.That(await RowsAsync(), Is.All.Zero);
    }

    [Test]
    public async Task A_certificate_of_nobody_or_with_its_chain_is_refused()
    {
        Certify("H99.98", "H99.98");
        Assert.That((await ImportAsync()).Error, Does.Contain("H99.98.cert.pem"));
        File.Delete(Path.Combine(Certificates, "H99.98.cert.pem"));

        Certify("H99.01", "H99.01", "H99.02");
        Assert.That((await ImportAsync()).Error, Does.Contain("H99.01.cert.pem: exactly one"));
        Assert.That(await _database.CountAsync("agency"), Is.Zero);
    }

    [Test]
    public async Task Two_codes_of_two_agencies_are_not_made_one()
    {
        await ImportAsync();
        Write(
            "agencies.csv",
            Agencies
                .Replace("H99.01,000.00.01.H99", "H99.01,H99.20")
                .Replace("H99.20,,Xã", "H99.21,,Xã")
        );
        Write("office-system-agencies.csv", Services.Replace("H99.20", "H99.21"));
        Assert.That((await ImportAsync()).Error, Does.Contain("two different agencies"));
    }

    [Test]
    public async Task Wrong_usage_is_told()
    {
        foreach (
            var arguments in (string[][])
                [
                    [],
                    ["--province"],
                    ["--what", "x"],
                ]
        )
        {
            using var error = new StringWriter();
            var code = await ImportVerb.RunAsync(
                arguments,
                _database.Source,
                TimeProvider.System,
                TextWriter.Null,
                error,
                CancellationToken.None
            );
            Assert.That(code, Is.EqualTo(2));
            Assert.That(error.ToString(), Does.Contain("usage:"));
        }
    }

    [Test]
    public async Task A_certificate_whose_parts_cannot_be_read_is_refused_by_name()
    {
        using var malformed = HostilePdf.MalformedCertificate();
        await File.WriteAllTextAsync(
            Path.Combine(Certificates, "H99.01.cert.pem"),
            malformed.ExportCertificatePem()
        );
        var (code, error) = await ImportAsync();
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("H99.01.cert.pem: the certificate's extensions"));
        Assert.That(await _database.CountAsync("certificate"), Is.Zero);
    }

    [Test]
    public async Task A_file_of_something_else_is_not_overwritten()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Credentials)!);
        await File.WriteAllTextAsync(Credentials, "dear diary");
        Assert.That((await ImportAsync()).Code, Is.EqualTo(1));
        Assert.That(await File.ReadAllTextAsync(Credentials), Is.EqualTo("dear diary"));
    }

    private async Task<(int Code, string Error)> ImportAsync()
    {
        using var error = new StringWriter();
        var code = await ImportVerb.RunAsync(
            ["--province", Province, "--certificates", Certificates, "--credentials", Credentials],
            _database.Source,
            TimeProvider.System,
            TextWriter.Null,
            error,
            CancellationToken.None
        );
        return (code, error.ToString());
    }

    private Task<ImportReport> RunAsync()
    {
        var files = ProvinceFiles.Read(Province);
        return new ProvinceImport(_database.Source, TimeProvider.System).RunAsync(
            files,
            CertificateFiles.Read(Certificates, files),
            Credentials,
            CancellationToken.None
        );
    }

    private async Task<long[]> RowsAsync()
    {
        var counts = new List<long>();
        foreach (
            var table in (string[])
                [
                    "agency",
                    "agency_code",
                    "office_system",
                    "office_system_agency",
                    "operator",
                    "credential",
                    "certificate",
                ]
        )
        {
            counts.Add(await _database.CountAsync(table));
        }
        return [.. counts];
    }

    private JsonElement ReadCredentials() =>
        JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Credentials));

    private void Write(string file, string text) =>
        File.WriteAllText(Path.Combine(Province, file), text, Encoding.UTF8);

    private void Certify(string code, params string[] owners) =>
        File.WriteAllText(
            Path.Combine(Certificates, code + ".cert.pem"),
            string.Join('\n', owners.Select(owner => TestKeys.Of(owner).ExportCertificatePem()))
        );
}
