using System.Net;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>The catalogue of agencies on a whole hub: difference, import, export, search, and who may.</summary>
public sealed class CatalogueTests : RegistrarTest
{
    [Test]
    public async Task A_dry_run_shows_the_difference_and_writes_nothing()
    {
        var root = Root();
        var file = $"code,name,parent\n{root},Uỷ ban,\n{root}.01,Sở Nội vụ,{root}\n";
        var shown = await PostAsync("catalogue", file);
        Assert.That(shown.Status, Is.EqualTo(HttpStatusCode.OK), shown.Text);
        Assert.That(shown.Json.GetProperty("applied").GetBoolean(), Is.False);
        Assert.That(Count(shown, "added"), Is.EqualTo(2));
        Assert.That(await FindAsync(root), Is.Null);

        var version = shown.Json.GetProperty("version").GetInt64();
        var applied = await PostAsync($"catalogue?apply=true&expect={version}", file);
        Assert.That(applied.Json.GetProperty("applied").GetBoolean(), applied.Text);
        Assert.That(
            (await FindAsync($"{root}.01"))!.Value.GetProperty("parent").GetString(),
            Is.EqualTo(root)
        );

        var again = await PostAsync($"catalogue?apply=true&expect={version}", file);
        Assert.That(again.Codes, Is.EqualTo(new[] { "AXIS-3102" }));
        Assert.That(
            (await PostAsync("catalogue", file)).Json.GetProperty("changes").GetArrayLength(),
            Is.Zero
        );
    }

    [Test]
    public async Task Renamed_moved_closed_and_new_codes_are_told_apart_and_kept_in_the_history()
    {
        var root = Root();
        await ApplyAsync(
            "catalogue",
            $"code,name,parent\n{root},Uỷ ban,\n{root}.01,Sở A,{root}\n{root}.02,Sở B,{root}\n{root}.03,Sở C,{root}\n"
        );
        var file =
            "code,oldCode,name,parent,deleted\n"
            + $"{root},,Uỷ ban,,false\n"
            + $"{root}.01,000.00.01.{root},Sở A mới,{root}.02,false\n"
            + $"{root}.02,,Sở B,{root},false\n"
            + $"{root}.03,,Sở C,{root},true\n";
        var shown = await ApplyAsync("catalogue", file);
        Assert.That(
            (
                Count(shown, "renamed"),
                Count(shown, "moved"),
                Count(shown, "closed"),
                Count(shown, "code")
            ),
            Is.EqualTo((1, 1, 1, 1))
        );
        var history = (await Viewer.ItemsAsync($"ops/v1/agencies/{root}.01/changes"))
            .Select(one => $"{one.GetProperty("what")} {one.GetProperty("actor")}")
            .ToArray();
        Assert.That(
            history,
            Is.EquivalentTo(
                new[]
                {
                    "added so-dang-ky",
                    "renamed so-dang-ky",
                    "moved so-dang-ky",
                    "code so-dang-ky",
                }
            )
        );
        var closed = await Viewer.GetAnswerAsync($"ops/v1/agencies/{root}.03");
        Assert.That(closed.Json.GetProperty("status").GetString(), Is.EqualTo("closed"));
        Assert.That(closed.Json.TryGetProperty("closedAt", out _));
    }

    [Test]
    public async Task A_catalogue_locks_an_agency_and_unlocks_it_and_says_so()
    {
        var root = Root();
        string File(string status) => $"code,name,status\n{root},Uỷ ban,{status}\n";
        await ApplyAsync("catalogue?reach=province", $"code,name\n{root},Uỷ ban\n");
        await Hub.AddOfficeSystemAsync(
            root.ToLowerInvariant() + "-qlvb",
            Door.Http,
            SignaturePolicy.Record,
            root
        );

        var locked = await ApplyAsync("catalogue", File("locked"));
        Assert.That(Told(locked), Is.EqualTo(new[] { $"locked {root}" }));
        using var commune = await Hub.ClientAsync("commune");
        var letter = new Letter(TestProvince.Commune, root);
        var refused = await commune.SubmitAsync(letter.Unsigned());
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-3003" }));
        Assert.That(Told(await ApplyAsync("catalogue", File(""))), Is.Empty, "it says nothing");
        Assert.That(
            Told(await ApplyAsync("catalogue", $"code,name\n{root},Uỷ ban\n")),
            Is.Empty,
            "no column says nothing either"
        );

        Assert.That(
            Told(await ApplyAsync("catalogue", File("active"))),
            Is.EqualTo(new[] { $"unlocked {root}" })
        );
        Assert.That(
            (await commune.SubmitAsync(letter.Unsigned())).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
        Assert.That(
            (await Viewer.ItemsAsync($"ops/v1/agencies/{root}/changes")).Select(one =>
                one.GetProperty("what").GetString()
            ),
            Is.SupersetOf(new[] { "locked", "unlocked" })
        );

        static string[] Told(Answer answer) =>
            [
                .. answer
                    .Json.GetProperty("changes")
                    .EnumerateArray()
                    .Select(one => $"{one.GetProperty("what")} {one.GetProperty("code")}"),
            ];
    }

    [Test]
    public async Task The_lists_of_the_national_axis_are_read_as_they_come()
    {
        var root = Root();
        var json = $$"""
            {"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[
              {"id":"7","pid":"","code":"{{root}}","name":"Bộ X","mail":"x@example.vn","oldCode":"000.00.00.{{root}}"},
              {"id":"8","pid":"7","code":"{{root}}.01","name":"Vụ Y","mail":"","code102":"{{root}}.01"}
            ]}
            """;
        var applied = await PostAsync("catalogue?apply=true", json, "application/json");
        Assert.That(applied.Status, Is.EqualTo(HttpStatusCode.OK), applied.Text);
        var agency = await Viewer.GetAnswerAsync($"ops/v1/agencies/{root}.01");
        Assert.That(agency.Json.GetProperty("parent").GetString(), Is.EqualTo(root));
        Assert.That(agency.Json.GetProperty("reach").GetString(), Is.EqualTo("national"));
        Assert.That(agency.Json.GetProperty("level").GetInt32(), Is.EqualTo(2));
        var old = await Viewer.GetAnswerAsync($"ops/v1/agencies/000.00.00.{root}");
        Assert.That(old.Json.GetProperty("email").GetString(), Is.EqualTo("x@example.vn"));
    }

    [TestCase("code,name\nH00.01,A\nh?,B\n", 3, 1)]
    [TestCase("code,name\nH00.01,A\nH00.02,\n", 3, 8)]
    [TestCase("code,name\nH00.01,A\nH00.01,B\n", 3, 1)]
    [TestCase("code,name\nH00.01,A\nH00.02\n", 3, 1)]
    [TestCase("code,name\nH00.01,\"A\n", 2, 8)]
    [TestCase("code,wrong\nH00.01,A\n", 1, 6)]
    [TestCase("code,name,level\nH00.01,A,high\n", 2, 10)]
    [TestCase("code,name,mail\nH00.01,A,nowhere\n", 2, 10)]
    [TestCase("[\n {\"code\":\"H00.01\",\n  \"name\":\"\"}]", 3, 10)]
    [TestCase("[{\"code\":\"H00.01\"", 1, 18)]
    [TestCase("[{\"code\":[1]}]", 1, 1)]
    public async Task A_broken_row_names_line_and_column_and_nothing_is_half_applied(
        string file,
        int line,
        int column
    )
    {
        var type = file.StartsWith('[') ? "application/json" : "text/csv";
        var refused = await PostAsync("catalogue?apply=true", file, type);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), refused.Text);
        var error = refused.Json.GetProperty("errors")[0];
        Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("AXIS-3101"));
        Assert.That(
            (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()),
            Is.EqualTo((line, column)),
            refused.Text
        );
        Assert.That(await FindAsync("H00.01"), Is.Null);
    }

    [Test]
    public async Task Conflicts_are_shown_by_the_dry_run_and_refuse_the_import_whole()
    {
        var root = Root();
        await ApplyAsync("catalogue", $"code,name\n{root}.01,A\n{root}.02,B\n");
        foreach (
            var (file, column) in ((string, string)[])
                [
                    ($"code,oldCode,name\n{root}.09,,New\n{root}.01,{root}.02,A\n", "code"),
                    ($"code,name,parent\n{root}.09,New,\n{root}.01,A,{root}.77\n", "parent"),
                    (
                        $"code,name,parent\n{root}.09,New,\n{root}.01,A,{root}.02\n{root}.02,B,{root}.01\n",
                        "parent"
                    ),
                ]
        )
        {
            var shown = await PostAsync("catalogue", file);
            Assert.That(shown.Json.GetProperty("conflicts").GetArrayLength(), Is.GreaterThan(0));
            var refused = await PostAsync("catalogue?apply=true", file);
            Assert.That(refused.Codes[0], Is.EqualTo("AXIS-3103"));
            Assert.That(
                refused.Json.GetProperty("errors")[0].GetProperty("path").GetString(),
                Is.EqualTo(column)
            );
            Assert.That(await FindAsync($"{root}.09"), Is.Null);
        }
    }

    [TestCase("csv", "text/csv")]
    [TestCase("json", "application/json")]
    public async Task What_is_exported_can_be_imported_without_a_difference(
        string format,
        string type
    )
    {
        await ApplyAsync(
            "catalogue",
            $"code,otherCodes,name,inCharge,contactName,contactMail\n{Root()},{Root()} {Root()},\"Sở \"\"lạ\"\", có phẩy\",B,Văn thư,v@example.vn\n"
        );
        // The test province has closed agencies by status, which the file says too.
        var file = await Viewer.GetStringAsync(
            new Uri($"ops/v1/catalogue?format={format}", UriKind.Relative)
        );
        Assert.That(file, Does.Contain("có phẩy").And.Contain("v@example.vn"));
        var shown = await PostAsync("catalogue", file, type);
        Assert.That(shown.Json.GetProperty("changes").GetArrayLength(), Is.Zero, shown.Text);
        Assert.That(shown.Json.GetProperty("conflicts").GetArrayLength(), Is.Zero, shown.Text);
    }

    [TestCase("so tai nguyen")]
    [TestCase("Sở Tài nguyên")]
    [TestCase("NGUYÊN đất")]
    [TestCase("nguyen dat")]
    public async Task Names_are_found_with_and_without_accents(string question)
    {
        var root = Root();
        await ApplyAsync("catalogue", $"code,name\n{root},Sở Tài nguyên Đất đai {root}\n");
        var found = await Viewer.ItemsAsync(
            $"ops/v1/agencies?q={Uri.EscapeDataString(question + " " + root)}"
        );
        Assert.That(
            found.Select(one => one.GetProperty("code").GetString()),
            Is.EqualTo(new[] { root })
        );
    }

    [Test]
    public async Task A_question_of_wildcards_finds_nothing()
    {
        Assert.That(await Viewer.ItemsAsync("ops/v1/agencies?q=%25"), Is.Empty);
        Assert.That(await Viewer.ItemsAsync("ops/v1/agencies?q=_____"), Is.Empty);
    }

    [Test]
    public async Task The_database_folds_as_the_question_is_folded()
    {
        const string letters =
            "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ "
            + "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐEÈÉẺẼẸÊỀẾỂỄỆIÌÍỈĨỊOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢUÙÚỦŨỤƯỪỨỬỮỰYỲÝỶỸỴ 0-9";
        // The same letters with the marks behind them.
        var apart = "a\u0302\u0301 o\u031B\u0323 u\u031B\u0309 E\u0302\u0303 A\u0306\u0300";
        await using var command = Hub.Database.CreateCommand("SELECT fold_vietnamese($1)");
        command.Parameters.Add(new() { Value = letters + apart });
        Assert.That(
            VietnameseText.Fold(letters + apart),
            Is.EqualTo(await command.ExecuteScalarAsync())
        );
        Assert.That(VietnameseText.Fold("Đường Xã Ấp Ỷ"), Is.EqualTo("duong xa ap y"));
    }

    [Test]
    public async Task Only_aRegistrar_changes_the_registry_and_every_change_is_on_record()
    {
        var refused = await PostAsync("catalogue?apply=true", "code,name\nH00.09,A\n", by: Viewer);
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-2004" }));
        await ApplyAsync("catalogue", $"code,name\n{Root()},A\n");
        await Eventually.HoldsAsync(async () =>
            (await Viewer.ItemsAsync("ops/v1/audit?limit=1000")).Any(line =>
                line.GetProperty("actor").GetString() == "so-dang-ky"
                && line.GetProperty("action").GetString() == "registry.catalogue"
            )
        );
    }
}
