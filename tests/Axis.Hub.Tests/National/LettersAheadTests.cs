using Axis.Hub.National;

namespace Axis.Hub.Tests.National;

/// <summary>What a report or an act waits for on the other side of the border.</summary>
public sealed class LettersAheadTests
{
    [Test]
    public void A_report_waits_for_what_was_listed_before_it_and_for_nothing_that_came_later()
    {
        var ahead = new LettersAhead();
        ahead.Listed(["a", "b"]);
        Assert.That(ahead.Of("first"), Is.EqualTo(new DocumentsAhead(2, true)));

        ahead.Listed(["b", "c"]);
        Assert.That(ahead.Of("first"), Is.EqualTo(new DocumentsAhead(1, true)));
        Assert.That(ahead.Of("second"), Is.EqualTo(new DocumentsAhead(2, true)));

        ahead.Listed(["b", "c", "d"]);
        Assert.That(ahead.Of("first"), Is.EqualTo(new DocumentsAhead(1, false)));

        ahead.Listed(["d"]);
        Assert.That(ahead.Of("first").Left, Is.Zero);
        Assert.That(ahead.Of("second").Left, Is.Zero);
    }

    [Test]
    public void A_report_that_is_listed_no_more_begins_anew_if_it_comes_again()
    {
        var ahead = new LettersAhead();
        ahead.Listed(["a"]);
        ahead.Of("report");
        ahead.KeepOnly([Item("other", "G22")]);
        ahead.Listed(["b"]);
        Assert.That(ahead.Of("report").Left, Is.EqualTo(1));
    }

    [Test]
    public void An_act_waits_for_letters_of_its_sender_alone()
    {
        var order = new ListOrder(
            [Item("1", "G22"), Item("2", "H37"), Item("3", "g22"), Item("1", "G22")],
            ["none of these"]
        );
        Assert.That(order.IsFirstOfSender(Item("3", "G22")), Is.False);
        Assert.That(order.IsFirstOfSender(Item("2", "H37")), Is.True);
        order.CameIn(["1"]);
        Assert.That(order.IsFirstOfSender(Item("3", "G22")), Is.True);
    }

    private static FarItem Item(string id, string from) => new(id, FarKind.Document, from, "");
}
