using Axis.Hub.National;

namespace Axis.Hub.Tests.National;

/// <summary>Settings of far axes that keep a hub from starting, and the secret that stands in a file alone.</summary>
public sealed class NationalSettingsTests
{
    private string _file = null!;

    [SetUp]
    public void WriteSecret()
    {
        _file = Path.GetTempFileName();
        File.WriteAllText(_file, "first-not-real\n");
    }

    [TearDown]
    public void DeleteSecret() => File.Delete(_file);

    [Test]
    public void A_whole_axis_is_taken() => Assert.That(ProblemsOf(_ => { }), Is.Empty);

    [TestCase("ftp://axis.example/adapter", "Endpoint")]
    [TestCase("adapter", "Endpoint")]
    [TestCase("http://axis.example/adapter", "AllowHttp")]
    public void An_address_that_is_none_or_unprotected_is_refused_by_name(
        string endpoint,
        string named
    ) => Assert.That(ProblemsOf(one => one.Endpoint = endpoint), Does.Contain(named));

    [Test]
    public void A_plain_line_needs_a_word_that_it_is_protected() =>
        Assert.That(
            ProblemsOf(one =>
            {
                one.Endpoint = "http://10.1.2.3:8280/XrdAdapter/adapter";
                one.AllowHttp = true;
            }),
            Is.Empty
        );

    [Test]
    public void A_missing_secret_or_system_is_refused_by_name()
    {
        Assert.That(ProblemsOf(one => one.SecretFile = "/nowhere"), Does.Contain("SecretFile"));
        Assert.That(ProblemsOf(one => one.SystemId = ""), Does.Contain("SystemId"));
    }

    [Test]
    public void A_province_without_its_codes_and_two_axes_for_everybody_are_refused()
    {
        var options = OptionsOf(_ => { });
        options.OwnCodes.Clear();
        Assert.That(Check(options), Does.Contain("OwnCodes"));
        var two = OptionsOf(_ => { });
        two.Axes["other"] = two.Axes["national"];
        Assert.That(Check(two), Does.Contain("without Codes"));
    }

    [TestCase("trục")]
    [TestCase("a b")]
    [TestCase("")]
    public void A_name_that_no_table_and_no_metric_takes_is_refused(string name)
    {
        var options = OptionsOf(_ => { });
        options.Axes.Add(name, options.Axes["national"]);
        Assert.That(Check(options), Does.Contain("hyphens"));
    }

    [Test]
    public void No_problem_tells_the_secret() =>
        Assert.That(
            ProblemsOf(one => (one.Endpoint, one.SystemId) = ("x", "")),
            Does.Not.Contain("first-not-real")
        );

    [Test]
    public void A_secret_is_read_anew_when_its_file_changes()
    {
        var secret = new FarSecret(_file);
        Assert.That(secret.Value, Is.EqualTo("first-not-real"));
        var next = Path.GetTempFileName();
        File.WriteAllText(next, "second-not-real\n");
        File.SetLastWriteTimeUtc(next, File.GetLastWriteTimeUtc(_file).AddMinutes(1));
        File.Move(next, _file, overwrite: true);
        Assert.That(secret.Value, Is.EqualTo("second-not-real"));
    }

    private string ProblemsOf(Action<FarAxisOptions> change) => Check(OptionsOf(change));

    private static string Check(NationalOptions options) =>
        new NationalOptionsCheck().Validate(null, options).FailureMessage ?? "";

    private NationalOptions OptionsOf(Action<FarAxisOptions> change)
    {
        var axis = new FarAxisOptions
        {
            Endpoint = "https://axis.example/XrdAdapter/adapter",
            SystemId = "h41.axis",
            SecretFile = _file,
        };
        change(axis);
        var options = new NationalOptions();
        options.OwnCodes.Add("H41");
        options.Axes.Add("national", axis);
        return options;
    }
}
