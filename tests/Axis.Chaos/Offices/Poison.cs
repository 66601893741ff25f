using System.Text;
using Axis.TestKit;

namespace Axis.Chaos.Offices;

/// <summary>Packages that a hub must refuse and must not fall over.</summary>
internal static class Poison
{
    private static int s_made;

    public static IReadOnlyList<string> Kinds { get; } =
    [
        "noise",
        "half a package",
        "no signature",
        "one byte changed",
        "a DTD",
        "an unknown recipient",
        "the id of another letter",
    ];

    public static byte[] Make(string kind, Office office, string recipient, Random random)
    {
        // Numbers below zero are not given to letters.
        var letter = new Letter(office.Code, recipient)
        {
            Notation = $"POISON-{Interlocked.Increment(ref s_made)}",
        };
        switch (kind)
        {
            case "noise":
                var noise = new byte[random.Next(1, 4000)];
                random.NextBytes(noise);
                return noise;
            case "half a package":
                var half = letter.Signed();
                return half[..(half.Length / 2)];
            case "no signature":
                return letter.Unsigned();
            case "one byte changed":
                var text = Encoding.UTF8.GetString(letter.Signed());
                return Encoding.UTF8.GetBytes(
                    text.Replace("V/v kết nối", "V/v kết nợi", StringComparison.Ordinal)
                );
            case "a DTD":
                return Encoding.UTF8.GetBytes(
                    "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">]><edXML>&a;</edXML>"
                );
            case "an unknown recipient":
                return (letter with { To = ["H99.77"] }).Signed();
            default:
                var first = office.Ledger.Sent.Values.FirstOrDefault(sent =>
                    sent.PackageId is not null
                );
                return first is null
                    ? letter.Unsigned()
                    : (
                        letter with
                        {
                            DocumentIdOverride = first.DocumentId,
                            Subject = "Nội dung khác",
                        }
                    ).Signed();
        }
    }
}
