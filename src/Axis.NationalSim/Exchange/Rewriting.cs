using System.Text;
using System.Text.RegularExpressions;
using Axis.EdXml;

namespace Axis.NationalSim.Exchange;

/// <summary>
/// What happens to packages that a node of the axis reads into objects and writes anew: one hop more in the trace, and
/// the elements of a signature in the namespace of the envelope, so that nobody finds the signature any more.
/// </summary>
internal static partial class Rewriting
{
    private const string Node = "00.01.W00";

    public static byte[] Apply(byte[] package, PackageReading reading, DateTimeOffset now)
    {
        if (!reading.IsComplete)
        {
            return package;
        }
        var edits = new List<(int Start, int End, byte[] Text)>();
        if (reading.HopPlace is { } place)
        {
            edits.Add(((int)place.Offset, (int)place.Offset, Hop(place.Prefix, now)));
        }
        if (reading.Signature is { Start: >= 0 and var start, End: var end })
        {
            var signature = Encoding.UTF8.GetString(package, (int)start, (int)(end - start));
            edits.Add(((int)start, (int)end, Encoding.UTF8.GetBytes(WithoutNamespace(signature))));
        }
        var written = new MemoryStream(package.Length + 256);
        var at = 0;
        foreach (var (from, to, text) in edits.OrderBy(edit => edit.Start))
        {
            written.Write(package, at, from - at);
            written.Write(text);
            at = to;
        }
        written.Write(package, at, package.Length - at);
        return written.ToArray();
    }

    private static string WithoutNamespace(string signature)
    {
        var declared = Declaration().Match(signature);
        var bare = Declaration().Replace(signature, "");
        return declared is { Success: true, Groups: var groups } && groups["prefix"].Length > 0
            ? bare.Replace($"<{groups["prefix"].Value}:", "<", StringComparison.Ordinal)
                .Replace($"</{groups["prefix"].Value}:", "</", StringComparison.Ordinal)
            : bare;
    }

    private static byte[] Hop(string prefix, DateTimeOffset now)
    {
        var p = prefix.Length == 0 ? "" : prefix + ":";
        return Encoding.UTF8.GetBytes(
            $"<{p}TraceHeader><{p}OrganId>{Node}</{p}OrganId><{p}Timestamp>{VietnamTime.Write(now)}</{p}Timestamp></{p}TraceHeader>"
        );
    }

    [GeneratedRegex(
        """\s+xmlns(:(?<prefix>[\w.-]+))?\s*=\s*["']http://www\.w3\.org/2000/09/xmldsig#["']""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Declaration();
}
