using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>The registrar's half of the ops API on a whole hub: catalogue, search, reorganisation, office systems.</summary>
public sealed class CatalogueTests
{
    private TestHub _hub = null!;
    private HttpClient _registrar = null!;
    private HttpClient _viewer = null!;
    private static int s_next = 10;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("so-dang-ky", "registrar", "viewer");
        await _hub.AddOperatorAsync("truc-vh", "viewer", "auditor", "operator");
        _registrar = await _hub.ClientAsync("so-dang-ky", ops: true);
        _viewer = await _hub.ClientAsync("truc-vh", ops: true);
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _registrar.Dispose();
        _viewer.Dispose();
        await _hub.DisposeAsync();
    }

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
        var history = (await _viewer.ItemsAsync($"ops/v1/agencies/{root}.01/changes"))
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
        var closed = await _viewer.GetAnswerAsync($"ops/v1/agencies/{root}.03");
        Assert.That(closed.Json.GetProperty("status").GetString(), Is.EqualTo("closed"));
        Assert.That(closed.Json.TryGetProperty("closedAt", out _));
    }

    [Test]
    public async Task A_catalogue_locks_an_agency_and_unlocks_it_and_says_so()
    {
        var root = Root();
        string File(string status) => $"code,name,status\n{root},Uỷ ban,{status}\n";
        await ApplyAsync("catalogue?reach=province", $"code,name\n{root},Uỷ ban\n");
        await _hub.AddOfficeSystemAsync(
            root.ToLowerInvariant() + "-qlvb",
            Door.Http,
            SignaturePolicy.Record,
            root
        );

        var locked = await ApplyAsync("catalogue", File("locked"));
        Assert.That(Told(locked), Is.EqualTo(new[] { $"locked {root}" }));
        using var commune = await _hub.ClientAsync("commune");
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
            (await _viewer.ItemsAsync($"ops/v1/agencies/{root}/changes")).Select(one =>
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
        var agency = await _viewer.GetAnswerAsync($"ops/v1/agencies/{root}.01");
        Assert.That(agency.Json.GetProperty("parent").GetString(), Is.EqualTo(root));
        Assert.That(agency.Json.GetProperty("reach").GetString(), Is.EqualTo("national"));
        Assert.That(agency.Json.GetProperty("level").GetInt32(), Is.EqualTo(2));
        var old = await _viewer.GetAnswerAsync($"ops/v1/agencies/000.00.00.{root}");
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
        var file = await _viewer.GetStringAsync(
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
        var found = await _viewer.ItemsAsync(
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
        Assert.That(await _viewer.ItemsAsync("ops/v1/agencies?q=%25"), Is.Empty);
        Assert.That(await _viewer.ItemsAsync("ops/v1/agencies?q=_____"), Is.Empty);
    }

    [Test]
    public async Task The_database_folds_as_the_question_is_folded()
    {
        const string letters =
            "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ "
            + "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐEÈÉẺẼẸÊỀẾỂỄỆIÌÍỈĨỊOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢUÙÚỦŨỤƯỪỨỬỮỰYỲÝỶỸỴ 0-9";
        // The same letters with the marks behind them.
        var apart = "a\u0302\u0301 o\u031B\u0323 u\u031B\u0309 E\u0302\u0303 A\u0306\u0300";
        await using var command = _hub.Database.CreateCommand("SELECT fold_vietnamese($1)");
        command.Parameters.Add(new() { Value = letters + apart });
        Assert.That(
            VietnameseText.Fold(letters + apart),
            Is.EqualTo(await command.ExecuteScalarAsync())
        );
        Assert.That(VietnameseText.Fold("Đường Xã Ấp Ỷ"), Is.EqualTo("duong xa ap y"));
    }

    [Test]
    public async Task A_reorganisation_prepared_ahead_changes_nothing_before_its_instant()
    {
        var (root, other) = (Root(), Root());
        await ApplyAsync(
            "catalogue?reach=province",
            $"code,name\n{root},Tỉnh cũ\n{root}.01,Xã một\n{root}.02,Xã hai\n{other},Tỉnh mới\n"
        );
        var acts =
            "act,agency,target,name,officeSystem\n"
            + $"merge,{root},{other},,\n"
            + $"open,{other}.01,,Xã chung,office\n"
            + $"merge,{root}.01,{other}.01,,\n"
            + $"rename,{root}.02,{other}.02,Xã đổi tên,\n"
            + $"serve,{root}.02,,,office\n";
        var shown = await PostAsync("reorganisations?effective=2099-07-01", acts);
        Assert.That(shown.Status, Is.EqualTo(HttpStatusCode.OK), shown.Text);
        Assert.That(shown.Json.GetProperty("conflicts").GetArrayLength(), Is.Zero, shown.Text);
        await ApplyAsync("reorganisations?effective=2099-07-01", acts);

        var now = await _viewer.GetAnswerAsync($"ops/v1/agencies/{root}.01");
        Assert.That(now.Json.GetProperty("status").GetString(), Is.EqualTo("active"));
        Assert.That(
            now.Json.GetProperty("closedAt").GetString(),
            Is.EqualTo("2099-07-01T00:00:00+07:00")
        );
        Assert.That(
            now.Json.GetProperty("successors")[0].GetProperty("agency").GetString(),
            Is.EqualTo($"{other}.01")
        );

        var snapshot = await SnapshotAsync();
        var instant = new DateTimeOffset(2099, 7, 1, 0, 0, 0, TimeSpan.FromHours(7));
        Assert.That(Reached(snapshot, $"{root}.01", instant.AddTicks(-1)), Is.EqualTo("Xã một"));
        var after = snapshot.At(instant);
        Assert.That(Reached(after, $"{root}.01", instant), Is.EqualTo("Xã chung"));
        Assert.That(Reached(after, root, instant), Is.EqualTo("Tỉnh mới"));
        Assert.That(Reached(after, $"{root}.02", instant), Is.EqualTo("Xã đổi tên"));
        Assert.That(Reached(after, $"{other}.02", instant), Is.EqualTo("Xã đổi tên"));
        Assert.That(after.LastOwnerOf($"{root}.02")!.PrimaryCode, Is.EqualTo($"{other}.02"));
        Assert.That(
            after.OfficeSystemOf(after.LastOwnerOf($"{other}.02")!.Id, instant)!.Id,
            Is.EqualTo("office")
        );
    }

    [Test]
    public async Task A_name_that_changed_at_its_instant_can_be_changed_again()
    {
        var root = Root();
        await ApplyAsync("catalogue", $"code,name\n{root}.01,Tên một\n");
        await ApplyAsync(
            "reorganisations?effective=2020-01-01",
            $"act,agency,name\nrename,{root}.01,Tên hai\n"
        );
        Assert.That(
            (await FindAsync($"{root}.01"))!.Value.GetProperty("name").GetString(),
            Is.EqualTo("Tên hai")
        );
        await ApplyAsync("catalogue", $"code,name\n{root}.01,Tên ba\n");
        Assert.That(
            (await FindAsync($"{root}.01"))!.Value.GetProperty("name").GetString(),
            Is.EqualTo("Tên ba")
        );
        var found = await _viewer.ItemsAsync("ops/v1/agencies?q=ten%20ba");
        Assert.That(
            found.Select(one => one.GetProperty("code").GetString()),
            Does.Contain($"{root}.01")
        );
    }

    [TestCase("merge,{0}.01,{0}.01,,", "AXIS-3104")]
    [TestCase("merge,{0}.01,{0}.02,,\nmerge,{0}.02,{0}.01,,", "AXIS-3104")]
    [TestCase("merge,{0}.01,{0}.77,,", "AXIS-3103")]
    [TestCase("merge,{0}.77,{0}.01,,", "AXIS-3103")]
    [TestCase("open,{0}.01,,Trùng,", "AXIS-3103")]
    [TestCase("rename,{0}.01,{0}.02,,", "AXIS-3103")]
    [TestCase("serve,{0}.01,,,nobody", "AXIS-3103")]
    [TestCase("serve,{0}.01,,,office\nserve,{0}.01,,,commune", "AXIS-3103")]
    [TestCase("shrink,{0}.01,,,", "AXIS-3101")]
    public async Task A_reorganisation_that_cannot_be_is_refused_whole(string act, string code)
    {
        var root = Root();
        await ApplyAsync("catalogue", $"code,name\n{root}.01,A\n{root}.02,B\n");
        var acts = "act,agency,target,name,officeSystem\n" + act.Replace("{0}", root);
        var refused = await PostAsync("reorganisations?effective=2099-07-01&apply=true", acts);
        Assert.That(refused.Codes[0], Is.EqualTo(code), refused.Text);
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM agency a JOIN agency_code c ON c.agency_id = a.id WHERE c.code LIKE '{root}%' AND isfinite(a.closed_at)"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task Closing_and_succeeding_by_a_single_call()
    {
        var root = Root();
        await ApplyAsync("catalogue", $"code,name\n{root}.01,A\n{root}.02,B\n{root}.03,C\n");
        await PostJsonAsync(
            $"agencies/{root}.01/successors",
            $$"""{"successors":["{{root}}.02"]}"""
        );
        await PostJsonAsync($"agencies/{root}.03/close", "{}");
        var snapshot = await SnapshotAsync();
        var now = TimeProvider.System.GetUtcNow();
        Assert.That(Reached(snapshot, $"{root}.01", now), Is.EqualTo("B"));
        Assert.That(snapshot.Resolve($"{root}.03", now), Is.InstanceOf<Resolution.Nobody>());
        var circle = await PostJsonAsync(
            $"agencies/{root}.02/successors",
            $$"""{"successors":["{{root}}.01"]}""",
            HttpStatusCode.Conflict
        );
        Assert.That(circle.Codes[0], Is.EqualTo("AXIS-3103"));
    }

    [Test]
    public async Task Only_a_registrar_changes_the_registry_and_every_change_is_on_record()
    {
        var refused = await PostAsync("catalogue?apply=true", "code,name\nH00.09,A\n", by: _viewer);
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-2004" }));
        await ApplyAsync("catalogue", $"code,name\n{Root()},A\n");
        await Eventually.HoldsAsync(async () =>
            (await _viewer.ItemsAsync("ops/v1/audit?limit=1000")).Any(line =>
                line.GetProperty("actor").GetString() == "so-dang-ky"
                && line.GetProperty("action").GetString() == "registry.catalogue"
            )
        );
    }

    [Test]
    public async Task An_office_system_is_added_with_everything_its_vendor_needs_and_works_at_once()
    {
        var root = Root();
        await ApplyAsync("catalogue?reach=province", $"code,name\n{root},A\n");
        var id = "new-" + root.ToLowerInvariant();
        var added = await PostJsonAsync(
            "office-systems",
            $$"""{"id":"{{id}}","name":"Mới","inboxDoor":"amqp","signaturePolicy":"record","agencies":["{{root}}"]}"""
        );
        var secret = added.Json.GetProperty("clientSecret").GetString()!;
        Assert.That(await MayEnterAsync(id, secret));
        using var office = await _hub.ClientAsync("office");
        var receipt = await office.SubmitAsync(new Letter(TestProvince.Office, root).Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);

        var twice = await PostJsonAsync(
            "office-systems",
            $$"""{"id":"{{id}}","name":"Mới"}""",
            HttpStatusCode.Conflict
        );
        Assert.That(twice.Codes, Is.EqualTo(new[] { "AXIS-3105" }));

        var rotated = await PostJsonAsync($"office-systems/{id}/rotate", """{"overlapHours":1}""");
        var newer = rotated.Json.GetProperty("clientSecret").GetString()!;
        Assert.That(
            (await MayEnterAsync(id, secret), await MayEnterAsync(id, newer)),
            Is.EqualTo((true, true))
        );
        await PostJsonAsync($"office-systems/{id}/rotate", """{"overlapHours":0}""");
        Assert.That(
            (await MayEnterAsync(id, secret), await MayEnterAsync(id, newer)),
            Is.EqualTo((false, false))
        );

        await PostJsonAsync($"office-systems/{id}/lock", "");
        var shown = await _viewer.GetAnswerAsync($"ops/v1/office-systems/{id}");
        Assert.That(shown.Json.GetProperty("status").GetString(), Is.EqualTo("locked"));
        Assert.That(shown.Json.GetProperty("agencies")[0].GetString(), Is.EqualTo(root));
        Assert.That(shown.Text, Does.Not.Contain(secret).And.Not.Contain(newer));
        await PostJsonAsync($"office-systems/{id}/unlock", "");
    }

    [Test]
    public async Task A_ping_over_either_door_is_answered_and_noted()
    {
        using var department = await _hub.ClientAsync("department");
        var pong = await department.GetAnswerAsync("v1/ping");
        Assert.That(pong.Json.GetProperty("officeSystem").GetString(), Is.EqualTo("department"));
        await using (var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "department"))
        {
            await amqp.ListenAsync();
            var heartbeat = Guid.CreateVersion7().ToString();
            await amqp.PublishAsync(
                "axis.submit",
                "ack.department",
                """{"deliveryIds":[]}"""u8.ToArray(),
                heartbeat
            );
            var answer = await amqp.AnswerToAsync(heartbeat);
            Assert.That(answer.Type, Is.EqualTo("axis.pong"));
            Assert.That(answer.Json.GetProperty("agencies").GetInt32(), Is.EqualTo(1));
        }
        await Eventually.HoldsAsync(async () =>
        {
            var shown = await _viewer.GetAnswerAsync("ops/v1/office-systems/department");
            return shown.Json.GetProperty("seen").GetArrayLength() == 2;
        });
    }

    [Test]
    public async Task Limits_networks_and_contact_are_kept_and_taken_away_again()
    {
        using var patch = new HttpRequestMessage(HttpMethod.Patch, "ops/v1/office-systems/commune")
        {
            Content = new StringContent(
                """{"requestsPerMinute":600,"maxConnections":3,"allowedNetworks":["10.1.0.0/16","2001:db8::/32"],"contactName":"Văn thư"}""",
                Encoding.UTF8,
                "application/json"
            ),
        };
        using var changed = await _registrar.SendAsync(patch);
        Assert.That(changed.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var system = (await SnapshotAsync()).OfficeSystem("commune")!;
        Assert.That(system.Limits.RequestsPerMinute, Is.EqualTo(600));
        Assert.That(system.Limits.AllowedNetworks, Has.Count.EqualTo(2));
        Assert.That(system.Contact.Name, Is.EqualTo("Văn thư"));

        foreach (
            var (body, status) in ((string, HttpStatusCode)[])
                [
                    (
                        """{"requestsPerMinute":0,"maxConnections":0,"allowedNetworks":[]}""",
                        HttpStatusCode.OK
                    ),
                    ("""{"allowedNetworks":["10.1.0.0/33"]}""", HttpStatusCode.BadRequest),
                    ("""{"maxConnections":-1}""", HttpStatusCode.BadRequest),
                ]
        )
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Patch,
                "ops/v1/office-systems/commune"
            )
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            using var answer = await _registrar.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(status), body);
        }
        Assert.That(
            (await SnapshotAsync()).OfficeSystem("commune")!.Limits,
            Has.Property("RequestsPerMinute").Null
        );
    }

    // A level-1 code that no other test uses.
    private static string Root()
    {
        var n = Interlocked.Increment(ref s_next);
        return $"{"ABCDE"[n / 100]}{n % 100:D2}";
    }

    private static string Reached(RegistrySnapshot snapshot, string code, DateTimeOffset at) =>
        snapshot.Resolve(code, at) is Resolution.One one ? one.Agency.Name : "?";

    private static int Count(Answer answer, string what) =>
        answer.Json.GetProperty("counts").TryGetProperty(what, out var count)
            ? count.GetInt32()
            : 0;

    private async Task<RegistrySnapshot> SnapshotAsync()
    {
        await Task.Yield();
        return ((RegistryCache)_hub.Services.GetService(typeof(RegistryCache))!).Current;
    }

    private async Task<JsonElement?> FindAsync(string code)
    {
        var answer = await _viewer.GetAnswerAsync($"ops/v1/agencies/{code}");
        return answer.Status == HttpStatusCode.OK ? answer.Json : null;
    }

    private async Task<Answer> ApplyAsync(string path, string file)
    {
        var mark = path.Contains('?') ? '&' : '?';
        var applied = await PostAsync($"{path}{mark}apply=true", file);
        Assert.That(applied.Status, Is.EqualTo(HttpStatusCode.OK), applied.Text);
        return applied;
    }

    private async Task<Answer> PostJsonAsync(
        string path,
        string json,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        var answer = await PostAsync(path, json, "application/json");
        Assert.That(answer.Status, Is.EqualTo(expected), answer.Text);
        return answer;
    }

    private async Task<Answer> PostAsync(
        string path,
        string body,
        string type = "text/csv",
        HttpClient? by = null
    )
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = body.Length > 0 ? new MediaTypeHeaderValue(type) : null;
        using var response = await (by ?? _registrar).PostAsync(
            new Uri("ops/v1/" + path, UriKind.Relative),
            content
        );
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private async Task<bool> MayEnterAsync(string id, string secret)
    {
        using var client = _hub.AnonymousClient();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = secret,
            }
        );
        using var response = await client.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            form
        );
        return response.StatusCode == HttpStatusCode.OK;
    }
}
