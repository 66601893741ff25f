using Axis.Hub.Letters;
using Axis.Hub.Storage;

namespace Axis.Hub.Tests.Letters;

/// <summary>A range of time is looked through in pieces that grow, without gap and without overlap.</summary>
public sealed class LetterWindowTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero);
    private static readonly IdRange s_all = new(Guid.Empty, Guid.AllBitsSet);

    [Test]
    public void The_newest_month_comes_first_and_each_piece_is_as_long_as_all_before() =>
        Assert.That(
            LetterWindows
                .Of(s_all, s_now)
                .Take(5)
                .Select(window => IdDays.InstantOf(window.From).ToString("yyyy-MM-dd")),
            Is.EqualTo(["2026-11-01", "2026-10-01", "2026-09-01", "2026-07-01", "2026-03-01"])
        );

    private static IEnumerable<TestCaseData> Ranges()
    {
        yield return new(s_all);
        yield return new(new IdRange(IdDays.Floor(s_now.AddDays(-3)), Guid.AllBitsSet));
        yield return new(new IdRange(IdDays.Floor(s_now.AddDays(-40)), IdDays.Floor(s_now)));
        yield return new(new IdRange(Guid.Empty, IdDays.Floor(s_now.AddYears(-3))));
        yield return new(new IdRange(IdDays.Floor(s_now.AddYears(1)), Guid.AllBitsSet));
        yield return new(new IdRange(Guid.Empty, Guid.Empty));
        yield return new(
            new IdRange(
                IdDays.Floor(new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero)),
                IdDays.Floor(new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero))
            )
        );
    }

    [TestCaseSource(nameof(Ranges))]
    public void All_of_it_is_looked_through_once(IdRange range)
    {
        var before = range.Before;
        var pieces = LetterWindows.Of(range, s_now).ToArray();
        foreach (var piece in pieces)
        {
            Assert.That(piece.Before, Is.EqualTo(before));
            Assert.That(piece.From.CompareTo(piece.Before), Is.Negative);
            before = piece.From;
        }
        Assert.That(before, Is.EqualTo(range.From));
        Assert.That(pieces, Has.Length.LessThanOrEqualTo(9));
    }
}
