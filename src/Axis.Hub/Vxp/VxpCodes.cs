using System.Globalization;
using Axis.Hub.Errors;

namespace Axis.Hub.Vxp;

/// <summary>
/// The codes that clients know from one province's REST flavour, for the numbers of our catalogue. Clients give no
/// meaning to any but 0, so the number travels in the description.
/// </summary>
public static class VxpCodes
{
    public const string InvalidFile = "10";
    public const string WrongCredentials = "15";
    public const string UnknownRecipient = "18";
    public const string UnknownSender = "19";
    public const string SystemError = "20";
    public const string FileProcessing = "21";
    public const string NotToStandard = "22";
    public const string LockedRecipient = "23";

    private const int MaxDescribed = 5;

    public static string Of(ErrorItem error) =>
        NumberOf(error) switch
        {
            3002 or 3003 => LockedRecipient,
            6001 or 6003 or 6101 => InvalidFile,
            6102 => UnknownRecipient,
            >= 1000 and < 2000 => NotToStandard,
            >= 2100 and < 2200 => UnknownSender,
            >= 2000 and < 3000 => WrongCredentials,
            >= 3000 and < 4000 => UnknownRecipient,
            >= 4000 and < 5000 => NotToStandard,
            >= 5000 and < 7000 => FileProcessing,
            _ => SystemError,
        };

    /// <summary>English, because the newest client reads some answers as US-ASCII; each error with its number.</summary>
    public static string Describe(IReadOnlyList<ErrorItem> errors)
    {
        var words = errors
            .Take(MaxDescribed)
            .Select(error =>
                error.Path is null
                    ? $"{error.Code}: {error.Message}"
                    : $"{error.Code} {error.Path}: {error.Message}"
            );
        var more = errors.Count - MaxDescribed;
        return string.Join(" | ", words)
            + (more > 0 ? string.Create(CultureInfo.InvariantCulture, $" | and {more} more") : "");
    }

    private static int NumberOf(ErrorItem error) =>
        int.TryParse(
            error.Code.AsSpan("AXIS-".Length),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : 0;
}
