using System.Diagnostics.CodeAnalysis;
using Axis.EdXml;
using Axis.Hub.Tests.Vxp;
using Axis.Vxp;

namespace Axis.NationalSim.Tests;

public sealed class CatalogueTests : SimTest
{
    [Test]
    public async Task The_lists_are_in_the_forms_that_clients_read()
    {
        var agency = (await AskAsync(VxpCall.GetAgenciesList)).Items[1];
        var qd20 = (await AskAsync(VxpCall.GetAgenciesListQD20, (VxpParameter.Level, "1"))).Items[
            1
        ];
        var unit = (await AskAsync(VxpCall.GetSynchronizeUnit)).Items[1];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(agency.GetProperty("code").GetString(), Is.EqualTo("H99.01"));
            Assert.That(agency.GetProperty("oldCode").GetString(), Is.EqualTo("000.00.01.H99"));
            Assert.That(agency.GetProperty("pid").GetString(), Is.EqualTo("1"));
            Assert.That(qd20.GetProperty("code102").GetString(), Is.EqualTo("000.00.01.H99"));
            Assert.That(unit.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(unit.GetProperty("deleted").GetBoolean(), Is.False);
            Assert.That(unit.GetProperty("isAgency").GetBoolean(), Is.True);
            Assert.That(unit.GetProperty("centerCode").GetString(), Is.EqualTo(Province));
        }
    }

    [Test]
    public async Task A_whole_country_has_120_000_codes_each_once_and_readable()
    {
        await using var sim = await NationalSimulator.StartAsync(
            Options with
            {
                Agencies = NationalSimOptions.MostAgencies,
            }
        );

        var answer = await RawHttp.AskAsync(
            sim.Endpoint,
            VxpAsk.Of(VxpCall.GetAgenciesList, Province, Options.Systems[0].Secret).Bytes()
        );

        string[] codes = [.. answer.Items.Select(one => one.GetProperty("code").GetString()!)];
        Assert.That(codes, Has.Length.EqualTo(NationalSimOptions.MostAgencies));
        Assert.That(codes.Distinct().Count(), Is.EqualTo(codes.Length));
        Assert.That(
            codes.Where(code => !AgencyCode.TryParse(code, out var read) || !read.IsRegular),
            Is.Empty
        );
    }

    [Test]
    public async Task A_closed_agency_is_deleted_in_one_list_and_absent_from_the_others()
    {
        Sim.Close("H07.03");

        var units = (await AskAsync(VxpCall.GetSynchronizeUnit)).Items;
        var closed = units.Single(unit => unit.GetProperty("code").GetString() == "H07.03");
        Assert.That(closed.GetProperty("deleted").GetBoolean(), Is.True);
        Assert.That(closed.GetProperty("version").GetInt32(), Is.EqualTo(2));
        Assert.That(
            (await AskAsync(VxpCall.GetAgenciesList)).Items.Select(one =>
                one.GetProperty("code").GetString()
            ),
            Has.None.EqualTo("H07.03")
        );
    }

    [Test]
    public async Task A_system_registers_and_deletes_what_is_below_its_own_codes()
    {
        var registered = await RegisterAsync(
            """{"id":"","pcode":"H99","code":"H99.77","name":"Sở mới","mail":"","mobile":"","fax":""}"""
        );
        Assert.That(registered.IsOk, Is.True, registered.Text);
        Assert.That((await SendAsync(await LetterAsync("3", "H99.77"))).IsOk, Is.True);

        var deleted = await AskAsync(VxpCall.DeleteAgency, (VxpParameter.AgencyCode, "H99.77"));
        Assert.That(deleted.IsOk, Is.True);
        Assert.That((await SendAsync(await LetterAsync("4", "H99.77"))).Code, Is.EqualTo("23"));
    }

    [TestCase("""{"pcode":"H41","code":"H41.77","name":"Của tỉnh khác"}""")]
    [TestCase("""{"pcode":"H99","code":"H990.77","name":"Giống mà không phải"}""")]
    [TestCase("""{"pcode":"H99","code":"H99.77"}""")]
    [TestCase("""{"pcode":"H99",}""")]
    public async Task What_is_not_its_own_or_not_whole_is_not_registered(
        [StringSyntax("json")] string body
    )
    {
        var answer = await RegisterAsync(body);

        Assert.That(answer.IsOk, Is.False);
        Assert.That(Sim.View().Agencies, Is.EqualTo(Options.Agencies));
    }

    [Test]
    public async Task No_agency_of_another_system_is_deleted() =>
        Assert.That(
            (await AskAsync(VxpCall.DeleteAgency, (VxpParameter.AgencyCode, "H41"))).IsOk,
            Is.False
        );

    private Task<RawAnswer> RegisterAsync(string body) =>
        SayAsync(
            VxpAsk.Of(VxpCall.RegisterAgency, Province, Options.Systems[0].Secret) with
            {
                Body = System.Text.Encoding.UTF8.GetBytes(body),
            }
        );
}
