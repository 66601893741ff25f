using System.Net;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>Agencies that merge, divide, close and are succeeded, by calls to a whole hub.</summary>
public sealed class ReorganisationCallTests : RegistrarTest
{
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

        var now = await Viewer.GetAnswerAsync($"ops/v1/agencies/{root}.01");
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
        var found = await Viewer.ItemsAsync("ops/v1/agencies?q=ten%20ba");
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
            await Hub.CountAsync(
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
}
