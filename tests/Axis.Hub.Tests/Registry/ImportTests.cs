using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Axis.Hub.Registry.Import;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

public sealed partial class ImportTests
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
