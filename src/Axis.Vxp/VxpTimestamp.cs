using System.Globalization;

namespace Axis.Vxp;

/// <summary>
/// <c>ddMMyyyy'T'HHmmss'+'SSSS</c>: the last group is milliseconds padded to four digits, although it looks like a time
/// zone. The time is the client's local one and is made once in the life of its program: it may be months old, and
/// equal for many calls. It proves nothing about freshness.
/// </summary>
public static class VxpTimestamp
{
    private const string Form = "ddMMyyyy'T'HHmmss'+0'fff";

    public static string Write(DateTimeOffset local) =>
        local.ToString(Form, CultureInfo.InvariantCulture);

    public static bool TryRead(string? text, out DateTime local) =>
        DateTime.TryParseExact(
            text,
            Form,
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out local
        );
}
