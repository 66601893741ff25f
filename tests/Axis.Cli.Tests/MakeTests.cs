using System.Security.Cryptography;
using Axis.EdXml;

namespace Axis.Cli.Tests;

[TestFixture]
public class MakeTests : FolderTest
{
    [Test]
    public async Task The_example_letter_is_good_even_by_the_strict_profile()
    {
        var reading = await MadeAsync(Package("described", "letter.json"), "--profile", "strict");
        var letter = reading.Document!;
        Assert.That(letter.From.OrganId, Is.EqualTo("H99"));
        Assert.That(letter.To.Select(to => to.OrganId), Is.EqualTo(new[] { "H99.05" }));
        Assert.That(letter.CodeNumber, Is.EqualTo("16"));
        Assert.That(letter.OtherInfo.Priority, Is.Zero);
        Assert.That(letter.OtherInfo.Direction, Is.EqualTo("false"));
        Assert.That(letter.Business.Type, Is.EqualTo(BusinessType.New));
        var pdf = await File.ReadAllBytesAsync(Package("described", "cong-van.pdf"));
        Assert.That(
            reading.Attachments.Single().Sha256.ToArray(),
            Is.EqualTo(SHA256.HashData(pdf))
        );
    }

    [Test]
    public async Task The_example_status_in_YAML_keeps_its_texts()
    {
        var reading = await MadeAsync(Package("described", "status.yaml"), "--profile", "strict");
        Assert.That(reading.Status!.StatusCode, Is.EqualTo("03"));
        Assert.That(reading.Status.ResponseFor.PromulgationDate?.Text, Is.EqualTo("2026/01/05"));
        Assert.That(reading.Status.StaffInfo?.Staff, Is.EqualTo("Phạm Văn Mẫu"));
    }

    [Test]
    public async Task The_same_description_gives_the_same_bytes()
    {
        await MadeAsync(Package("described", "letter.json"));
        var first = await File.ReadAllBytesAsync(In("out.edxml"));
        await MadeAsync(Package("described", "letter.json"));
        Assert.That(await File.ReadAllBytesAsync(In("out.edxml")), Is.EqualTo(first));
    }

    [TestCase("""{ "subject": """, "MAKE-01  description")]
    [TestCase("""{ "subject": "a", "subject": "b" }""", "MAKE-01  description")]
    [TestCase("[]", "MAKE-01  description")]
    [TestCase("""{ "form": "H99" }""", "MAKE-02  form")]
    [TestCase("""{ "to": ["H99.05", { "organID": "H99" }] }""", "MAKE-02  to[2].organID")]
    [TestCase("""{ "code": "15/UBND" }""", "MAKE-03  code")]
    [TestCase("""{ "subject": {} }""", "MAKE-03  subject")]
    [TestCase("""{ "to": [{ "organName": "Sở" }] }""", "MAKE-04  to[1].organId")]
    [TestCase("{}", "MAKE-04  from")]
    [TestCase("""{ "kind": "status" }""", "MAKE-04  statusCode")]
    [TestCase("""{ "dueDate": "2026/02/30" }""", "MAKE-05  dueDate")]
    [TestCase("""{ "otherInfo": { "priority": "khẩn" } }""", "MAKE-05  otherInfo.priority")]
    [TestCase("""{ "business": { "type": "neww" } }""", "MAKE-05  business.type")]
    [TestCase("""{ "kind": "letter" }""", "MAKE-05  kind")]
    [TestCase("""{ "attachments": ["absent.pdf"] }""", "MAKE-06  attachments[1].file")]
    [TestCase("""{ "from": "H99", "subject": "a\u0000b" }""", "MAKE-07  description")]
    public async Task A_problem_has_a_number_and_names_the_member(string text, string expected)
    {
        var run = await MakeAsync(Write("letter.json", text));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain(expected));
        Assert.That(File.Exists(In("out.edxml")), Is.False);
    }

    [Test]
    public async Task All_problems_are_told_at_once()
    {
        var run = await MakeAsync(Write("a.yaml", "form: H99\ndueDate: soon\nto: [{}]\n"));
        Assert.That(
            run.Error,
            Does.Contain("MAKE-02  form")
                .And.Contain("MAKE-05  dueDate")
                .And.Contain("MAKE-04  to[1].organId")
                .And.Contain("MAKE-04  from")
        );
    }

    [Test]
    public async Task YAML_that_multiplies_itself_is_refused()
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (var i = 1; i < 9; i++)
        {
            text += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n";
        }
        var run = await MakeAsync(Write("bomb.yaml", text));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("MAKE-01"));
    }

    [Test]
    public async Task A_package_that_a_hub_would_refuse_is_not_written()
    {
        var run = await MakeAsync(Write("a.json", """{ "from": "H99", "to": "H99.05" }"""));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Output, Does.Contain("DocumentId"));
        Assert.That(Directory.GetFiles(In()), Is.EqualTo(new[] { In("a.json") }));
    }

    private Task<CliRun> MakeAsync(string description, params string[] more) =>
        CliRun.OfAsync(["make", description, "-o", In("out.edxml"), .. more]);

    private async Task<PackageReading> MadeAsync(string description, params string[] more)
    {
        var run = await MakeAsync(description, more);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        return PackageReader.Read(
            await File.ReadAllBytesAsync(In("out.edxml")),
            ReadLimits.Default with
            {
                AttachmentDetail = AttachmentDetail.Full,
            }
        );
    }
}
