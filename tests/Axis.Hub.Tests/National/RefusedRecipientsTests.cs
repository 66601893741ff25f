using Axis.Hub.National;

namespace Axis.Hub.Tests.National;

/// <summary>Which part of a refused call's recipients is sent on its own.</summary>
public sealed class RefusedRecipientsTests
{
    [TestCase("Đơn vị nhận không tồn tại: H37", "0")]
    [TestCase("unknown H01.", "1")]
    [TestCase("H37, G05 bị khóa", "0,3")]
    [TestCase("h01 not found", "1")]
    // Codes of others that begin or end like one of ours.
    [TestCase("H37.01 không tồn tại", "0,1")]
    [TestCase("000.00.00.H37 không tồn tại", "0,1")]
    [TestCase("lỗi", "0,1")]
    [TestCase("H37 H01 H01.02 G05", "0,1")]
    [TestCase("", "0,1")]
    public void Those_whom_the_words_name_else_a_half(string words, string first)
    {
        string[] recipients = ["H37", "H01", "H01.02", "G05"];

        var parts = RefusedRecipients.Part(recipients, words)!.Value;

        Assert.That(string.Join(',', parts.First), Is.EqualTo(first));
        Assert.That(parts.First.Concat(parts.Second).Order(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void One_alone_is_not_parted() =>
        Assert.That(RefusedRecipients.Part(["H37"], "H37"), Is.Null);

    [Test]
    public void Whoever_is_refused_ends_alone_and_all_others_are_sent(
        [Values(2, 3, 7, 64)] int count,
        [Values(0, 1, 5)] int seed
    )
    {
        var chance = new Random(seed);
        var all = Enumerable.Range(0, count).Select(i => $"H{i + 10}").ToArray();
        var refused = all.Where(_ => chance.Next(4) == 0).ToHashSet();
        var (sent, failed) = (new List<string>(), new List<string>());
        var due = new Stack<string[]>([all]);
        while (due.TryPop(out var call))
        {
            if (!call.Any(refused.Contains))
            {
                sent.AddRange(call);
            }
            else if (RefusedRecipients.Part(call, "18") is { } parts)
            {
                due.Push([.. parts.First.Select(i => call[i])]);
                due.Push([.. parts.Second.Select(i => call[i])]);
            }
            else
            {
                failed.AddRange(call);
            }
        }
        Assert.That(failed, Is.EquivalentTo(refused));
        Assert.That(sent, Is.EquivalentTo(all.Except(refused)));
    }
}
