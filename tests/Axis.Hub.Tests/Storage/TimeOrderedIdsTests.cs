using Axis.Hub.Storage;
using Axis.Hub.Tests.Access;

namespace Axis.Hub.Tests.Storage;

public sealed class TimeOrderedIdsTests
{
    private static readonly DateTimeOffset s_letterCame = new(
        2026,
        9,
        2,
        7,
        30,
        0,
        TimeSpan.FromHours(7)
    );

    [Test]
    public void What_comes_later_to_a_letter_has_its_time_and_an_id_of_its_own()
    {
        var clock = new SetClock(s_letterCame);
        var letter = new TimeOrderedIds(clock).Next();

        var late = Enumerable
            .Range(0, 100)
            .Select(_ => TimeOrderedIds.Beside(letter))
            .Append(letter)
            .ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(late, Is.Unique);
            Assert.That(late.Select(id => id.Version), Is.All.EqualTo(7));
            Assert.That(late.Select(id => id.Variant & 0b1100), Is.All.EqualTo(0b1000));
            Assert.That(late.Select(IdDays.InstantOf), Is.All.EqualTo(s_letterCame));
            Assert.That(
                IdDays.Group(late).Count(),
                Is.EqualTo(1),
                "one range finds the letter and all"
            );
        }
    }

    [Test]
    public void Ids_of_a_millisecond_keep_their_order_and_borrow_from_the_next()
    {
        var clock = new SetClock(s_letterCame);
        var ids = new TimeOrderedIds(clock);
        Guid[] made = [.. Enumerable.Range(0, 10_000).Select(_ => ids.Next())];

        Assert.That(made, Is.Ordered);
    }
}
