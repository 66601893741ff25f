using System.Globalization;

namespace Axis.NationalSim;

/// <summary>
/// A vice on the command line: its name, and after a colon how strong it is, e.g.
/// <c>slow:calls=getEdoc+sendEdoc,milliseconds=2000</c>.
/// </summary>
public static class ViceFlag
{
    /// <summary>Null, with the problem in English, when the text is none.</summary>
    public static (ViceKind Kind, Vice Vice)? Read(string text, out string problem)
    {
        var parts = text.Split(':', 2);
        if (ViceNames.Find(parts[0]) is not { } kind)
        {
            problem = $"{parts[0]} is no vice; there are {string.Join(", ", ViceNames.All)}";
            return null;
        }
        var vice = new Vice();
        foreach (var setting in parts.Length == 1 ? [] : parts[1].Split(','))
        {
            if (With(vice, setting.Split('=', 2)) is not { } next)
            {
                problem =
                    $"{setting} is none of calls=A+B, next=N, share=0.5, milliseconds=N, seconds=N, status=N, bytes=N";
                return null;
            }
            vice = next;
        }
        problem = ViceNames.ProblemOf(vice) ?? "";
        return problem.Length == 0 ? (kind, vice) : null;
    }

    private static Vice? With(Vice vice, string[] setting)
    {
        if (setting is not [var name, var value])
        {
            return null;
        }
        var isWhole = int.TryParse(
            value,
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var whole
        );
        return name switch
        {
            "calls" => vice with { Calls = value.Split('+') },
            "share" when double.TryParse(value, CultureInfo.InvariantCulture, out var share) =>
                vice with
                {
                    Share = share,
                },
            "next" when isWhole => vice with { Next = whole },
            "milliseconds" when isWhole => vice with { Milliseconds = whole },
            "seconds" when isWhole => vice with { Seconds = whole },
            "status" when isWhole => vice with { Status = whole },
            "bytes" when isWhole => vice with { Bytes = whole },
            _ => null,
        };
    }
}
