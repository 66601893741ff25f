using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary><c>axis agencies …</c></summary>
public sealed class AgenciesTests : HubTest
{
    private static int s_next = 40;

    [Test]
    public async Task A_catalogue_is_compared_then_imported_and_its_history_names_who_did_it()
    {
        var root = Root();
        var file = Write(
            "moi.csv",
            $"code,name,parent\n{root},Uỷ ban,\n{root}.1,Sở Nội vụ,{root}\n"
        );

        var shown = await SaidAsync(Registrar, "agencies", "diff", file, "--reach", "province");
        Assert.That(shown, Does.Match($@"added\s+{root}\.1\s+Sở Nội vụ"));
        Assert.That(shown, Does.Contain("2 added; not applied; compared with registry version "));

        var applied = await SaidAsync(Registrar, "agencies", "import", file, "--reach", "province");
        Assert.That(applied, Does.Contain("2 added; applied"));
        Assert.That(
            await SaidAsync(Registrar, "agencies", "import", file),
            Does.Contain("No difference")
        );
        var history = await SaidAsync(Viewer, "agencies", "history", $"{root}.1");
        Assert.That(history, Does.Contain("\"what\": \"added\"").And.Contain(Registrar));
    }

    [Test]
    public async Task A_file_that_does_not_fit_is_refused_with_its_line_and_nothing_is_written()
    {
        var root = Root();
        var file = Write("hong.csv", $"code,name,parent\n{root},Uỷ ban,\n{root}.1,Sở,{root}.9\n");
        var refused = await AsAsync(Registrar, "agencies", "import", file);
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Output + refused.Error, Does.Contain("line 3"));
        Assert.That(
            (await AsAsync(Viewer, "agencies", "show", root)).ExitCode,
            Is.EqualTo(1),
            "nothing of it is there"
        );
        var broken = Write("cot.csv", "code,nam\nH1,x\n");
        var unread = await AsAsync(Registrar, "agencies", "diff", broken);
        Assert.That(unread.ExitCode, Is.EqualTo(1));
        Assert.That(unread.Error, Does.Contain("line 1"));
    }

    [Test]
    public async Task What_is_exported_imports_again_without_a_difference()
    {
        foreach (var name in (string[])["tat-ca.csv", "tat-ca.json"])
        {
            var said = await SaidAsync(Viewer, "agencies", "export", In(name));
            Assert.That(said, Does.Contain(name));
            Assert.That(await File.ReadAllTextAsync(In(name)), Does.Contain(TestProvince.Ministry));
            Assert.That(
                await SaidAsync(Registrar, "agencies", "diff", In(name)),
                Does.Contain("No difference")
            );
        }
    }

    [Test]
    public async Task An_agency_is_found_without_accents_and_shown_by_any_of_its_codes()
    {
        var root = Root();
        var file = Write(
            "ten.csv",
            $"code,oldCode,name\n{root},000.00.00.{root},Chi cục Đê điều\n"
        );
        await SaidAsync(Registrar, "agencies", "import", file);
        Assert.That(
            await SaidAsync(Viewer, "agencies", "search", "chi", "cuc", "de", "dieu"),
            Does.Match($@"{root}\s.*Chi cục Đê điều")
        );
        Assert.That(
            await SaidAsync(Viewer, "agencies", "show", $"000.00.00.{root}"),
            Does.Contain("Chi cục Đê điều")
        );
        Assert.That(
            (await AsAsync(Viewer, "agencies", "search", "không có cơ quan này")).ExitCode,
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Agencies_close_are_succeeded_and_reorganised()
    {
        var root = Root();
        var file = Write(
            "cu.csv",
            $"code,name\n{root}.1,A\n{root}.2,B\n{root}.3,C\n{root}.4,D\n{root}.5,E\n"
        );
        await SaidAsync(Registrar, "agencies", "import", file);

        Assert.That(
            await SaidAsync(Registrar, "agencies", "close", $"{root}.1"),
            Does.Contain("closed").And.Contain("; applied")
        );
        Assert.That(
            await SaidAsync(Registrar, "agencies", "succeed", $"{root}.2", $"{root}.3"),
            Does.Match($@"succeeded\s+{root}\.2.*{root}\.3")
        );
        var acts = Write("nhap.csv", $"act,agency,target\nmerge,{root}.4,{root}.5\n");
        string[] words = ["agencies", "reorganise", acts, "--effective", "2099-07-01"];
        Assert.That(await SaidAsync(Registrar, words), Does.Contain("; not applied"));
        Assert.That(await SaidAsync(Registrar, [.. words, "--apply"]), Does.Contain("; applied"));
        Assert.That(
            await SaidAsync(Viewer, "agencies", "show", $"{root}.4"),
            Does.Contain("\"closedAt\": \"2099-07-01T00:00:00+07:00\"")
        );
    }

    [Test]
    public async Task Who_may_only_look_changes_nothing()
    {
        var refused = await AsAsync(Viewer, "agencies", "close", TestProvince.Unconnected);
        Assert.That(refused.ExitCode, Is.EqualTo(1));
        Assert.That(refused.Error, Does.Contain("AXIS-2004"));
    }

    [Test]
    public async Task Where_and_as_whom_may_stand_in_the_environment_under_either_name()
    {
        foreach (var name in (string[])["AXIS_OPERATOR_ID", "AXIS_OPERATOR"])
        {
            (string Name, string Value)[] variables =
            [
                ("AXIS_HUB", Hub.Http.AbsoluteUri),
                ("AXIS_OPS", Hub.Ops.AbsoluteUri),
                (name, Viewer),
                ("AXIS_OPERATOR_SECRET", Hub.SecretOf(Viewer)),
            ];
            foreach (var variable in variables)
            {
                Environment.SetEnvironmentVariable(variable.Name, variable.Value);
            }
            try
            {
                // One command of either kind: they have the same options.
                foreach (
                    var words in (string[][])
                        [
                            ["systems", "list"],
                            ["deliveries", "list"],
                        ]
                )
                {
                    var run = await CliRun.OfAsync(words);
                    Assert.That(run.ExitCode, Is.Zero, run.Error);
                }
                Environment.SetEnvironmentVariable("AXIS_OPS", null);
                var vague = await CliRun.OfAsync("systems", "list");
                Assert.That(vague.ExitCode, Is.EqualTo(2));
                Assert.That(vague.Error, Does.Contain("missing: --ops (AXIS_OPS)."));
            }
            finally
            {
                foreach (var variable in variables)
                {
                    Environment.SetEnvironmentVariable(variable.Name, null);
                }
            }
        }
    }

    private static string Root() => $"H{s_next++}";
}
