using System.Security.Cryptography;
using Axis.Hub.Operations;
using Axis.Hub.Operations.Doctor;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Tests.Operations;

/// <summary>What those who run a hub are told when it does not start, or was not meant to.</summary>
public sealed class StartTests
{
    [TestCase(0, "usage: Axis.Hub", "--help")]
    [TestCase(0, "usage: Axis.Hub", "help")]
    [TestCase(2, "There is no verb frobnicate.", "frobnicate")]
    [TestCase(2, "usage: Axis.Hub import", "import")]
    [TestCase(2, "usage: Axis.Hub import", "import", "--help")]
    [TestCase(2, "usage: Axis.Hub archive", "archive")]
    [TestCase(1, "this is no archive", "archive", "verify", "/nowhere/2026-01")]
    public async Task Help_is_given_without_settings(int code, string said, params string[] words)
    {
        using var output = new StringWriter();
        Assert.That(await Verbs.AnswerAsync(words, output, output), Is.EqualTo(code));
        Assert.That(output.ToString(), Does.Contain(said));
    }

    [TestCase]
    [TestCase("migrate")]
    [TestCase("import", "--province", "x")]
    [TestCase("doctor", "--json")]
    [TestCase("archive", "import", "x")]
    [TestCase("--Listen:Http=http://127.0.0.1:1")]
    [TestCase("Listen:Http=http://127.0.0.1:1")]
    public async Task What_needs_settings_is_left_to_the_hub(params string[] words)
    {
        Assert.That(await Verbs.AnswerAsync(words, TextWriter.Null, TextWriter.Null), Is.Null);
    }

    [Test]
    public void Settings_that_will_not_do_are_named_in_lines_and_not_as_a_stack_trace()
    {
        var one = new OptionsValidationException("", typeof(object), ["Storage: no folder."]);
        var other = new OptionsValidationException("", typeof(object), ["Broker: no address."]);

        Assert.That(StartFailure.InWords(one)!.Split('\n'), Does.Contain("  Storage: no folder."));
        Assert.That(
            StartFailure.InWords(new AggregateException(one, other))!.Split('\n'),
            Does.Contain("  Storage: no folder.").And.Contain("  Broker: no address.")
        );
        Assert.That(
            StartFailure.InWords(new UnusableSettingException("x.pem: chmod 600 it.")),
            Does.Contain("  x.pem: chmod 600 it.")
        );
    }

    [Test]
    public void What_lies_around_the_program_is_said_and_a_fault_of_its_own_is_not_hidden()
    {
        Assert.That(
            StartFailure.InWords(new NpgsqlException("Failed to connect")),
            Does.Contain("PostgreSQL").And.Contain("Failed to connect")
        );
        Assert.That(
            StartFailure.InWords(new IOException("address already in use")),
            Is.EqualTo("address already in use")
        );
        Assert.That(StartFailure.InWords(new CryptographicException("no key")), Is.Not.Null);
        Assert.That(StartFailure.InWords(new InvalidOperationException("a bug")), Is.Null);
        Assert.That(
            StartFailure.InWords(new AggregateException(new InvalidOperationException("a bug"))),
            Is.Null
        );
    }

    [Test]
    public async Task The_doctor_blames_a_database_that_is_away_and_not_what_it_could_not_ask_it()
    {
        var visit = new DoctorVisit(
            [new Away("postgresql"), new Away("rabbitmq")],
            Options.Create(new OperationsOptions())
        );
        var found = (await visit.ExamineAsync(default)).Findings;

        Assert.That(found[0].Mend, Does.StartWith("Start it"));
        Assert.That(found[1].Found, Does.Contain("without PostgreSQL"));
        Assert.That(found[1].Mend, Does.StartWith("Start PostgreSQL"));
    }

    private sealed class Away(string subject) : IExamination
    {
        public string Subject => subject;

        public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken) =>
            throw new NpgsqlException("Connection refused");
    }
}
