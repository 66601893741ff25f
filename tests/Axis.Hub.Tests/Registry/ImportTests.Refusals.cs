using Axis.Hub.Registry.Import;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>What an import refuses: each problem by its place, all at once, and nothing half done.</summary>
public sealed partial class ImportTests
{
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
}
