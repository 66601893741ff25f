using Axis.Hub.National.Catalogue;
using Axis.Vxp.Client;

namespace Axis.Hub.Tests.National;

/// <summary>Three lists of one catalogue made one, whatever is wrong with some of their rows.</summary>
public sealed class CatalogueMergeTests
{
    [Test]
    public void An_agency_of_three_lists_is_one_with_what_each_knows()
    {
        var merge = CatalogueMerge.Of(
            [One("G22", "Văn phòng Chính phủ"), One("G22.05", "Cục", id: "2", parent: "1")],
            [One("G22", "Văn phòng Chính phủ", old: "000.00.00.G22", id: "")],
            [One("G22", "Văn phòng Chính phủ", mail: "vpcp@example.vn")]
        );

        Assert.That(
            merge.Agencies,
            Is.EqualTo(
                new[]
                {
                    new MergedAgency(
                        "G22",
                        "000.00.00.G22",
                        "Văn phòng Chính phủ",
                        null,
                        "vpcp@example.vn",
                        false
                    ),
                    new MergedAgency("G22.05", null, "Cục", "G22", null, false),
                }
            )
        );
        Assert.That(merge.Skipped, Is.Empty);
    }

    [Test]
    public void A_new_code_takes_in_what_the_other_list_has_under_the_old_one()
    {
        var merge = CatalogueMerge.Of(
            [One("000.00.00.G22", "VPCP", mail: "vpcp@example.vn")],
            [One("G22", "VPCP", old: "000.00.00.G22")],
            []
        );

        var agency = merge.Agencies.Single();
        Assert.That(
            (agency.Code, agency.OldCode, agency.Mail),
            Is.EqualTo(("G22", "000.00.00.G22", "vpcp@example.vn"))
        );
    }

    [Test]
    public void What_is_deleted_is_closed_unless_another_list_has_it_as_open()
    {
        var merge = CatalogueMerge.Of(
            [One("G01", "Còn")],
            [],
            [One("G01", "Còn", deleted: true), One("G02", "Hết", deleted: true)]
        );

        Assert.That(
            merge.Agencies.Select(agency => (agency.Code, agency.IsClosed)),
            Is.EqualTo(new[] { ("G01", false), ("G02", true) })
        );
        Assert.That(merge.Skipped.Single().Code, Is.EqualTo("G01"));
    }

    [Test]
    public void A_repeated_list_is_the_same_catalogue()
    {
        FarAgency[] list = [One("G01", "Một"), One("G02", "Hai", id: "2", parent: "1")];

        Assert.That(
            CatalogueMerge.Of([.. list, .. list], [], [.. list]).Agencies,
            Is.EqualTo(CatalogueMerge.Of(list, [], []).Agencies)
        );
    }

    [TestCase("g 01", "Tên")]
    [TestCase("G01", "  ")]
    [TestCase("null", "Tên")]
    public void A_row_that_cannot_be_used_is_left_out_and_said(string code, string name)
    {
        var merge = CatalogueMerge.Of([One(code, name), One("G02", "Hai")], [], []);

        Assert.That(merge.Agencies.Select(agency => agency.Code), Is.EqualTo(new[] { "G02" }));
        Assert.That(merge.Skipped.Single().Code, Is.EqualTo(code));
    }

    [Test]
    public void An_old_code_that_two_agencies_claim_stays_with_the_first()
    {
        var merge = CatalogueMerge.Of(
            [
                One("G01", "Một", old: "000.00.00.G01"),
                One("G02", "Hai", old: "000.00.00.G01", id: "2"),
            ],
            [],
            []
        );

        Assert.That(
            merge.Agencies.Select(agency => agency.OldCode),
            Is.EqualTo(new[] { "000.00.00.G01", null })
        );
        Assert.That(merge.Skipped.Single().Code, Is.EqualTo("G02"));
    }

    private static FarAgency One(
        string code,
        string name,
        string old = "",
        string mail = "",
        string id = "1",
        string parent = "0",
        bool deleted = false
    ) => new(id, parent, code, old, name, mail, deleted, true, "", "");
}
