using System.Globalization;
using Axis.Hub.Errors;

namespace Axis.Hub.Registry.Editing;

/// <summary>3100–3199: changes of the registry.</summary>
public static class RegistryErrors
{
    public static readonly HubError BadFile = new(
        3101,
        StatusCodes.Status422UnprocessableEntity,
        "bad-registry-file",
        "{0} Nothing was changed.",
        "{0} Chưa thay đổi gì."
    );

    public static readonly HubError MovedOn = new(
        3102,
        StatusCodes.Status409Conflict,
        "registry-moved-on",
        "The registry is at version {1} now, not at {0} as when the difference was shown; look at it again.",
        "Danh mục đã sang phiên bản {1}, không còn là {0} như khi xem trước; hãy xem lại khác biệt."
    );

    public static readonly HubError Conflict = new(
        3103,
        StatusCodes.Status409Conflict,
        "registry-conflict",
        "{0} Nothing was changed.",
        "{0} Chưa thay đổi gì."
    );

    public static readonly HubError Circle = new(
        3104,
        StatusCodes.Status409Conflict,
        "succession-circle",
        "{1} cannot take the place of {0}: the way of successors would lead back to {0}.",
        "{1} không thể kế thừa {0}: chuỗi kế thừa sẽ quay lại {0}."
    );

    public static readonly HubError Exists = new(
        3105,
        StatusCodes.Status409Conflict,
        "already-registered",
        "{0} is registered already.",
        "{0} đã được đăng ký."
    );

    public static IReadOnlyList<HubError> All { get; } =
    [BadFile, MovedOn, Conflict, Circle, Exists];

    /// <summary>An error at a place of a file, in the words of both languages.</summary>
    public static ErrorItem At(
        HubError error,
        string? column,
        CsvPlace place,
        string message,
        string messageVi
    ) =>
        error.At(column, place.Text, message) with
        {
            Line = place.Line > 0 ? place.Line : null,
            Column = place.Column > 0 ? place.Column : null,
            MessageVi = string.Format(CultureInfo.InvariantCulture, error.MessageVi, messageVi),
        };
}

/// <summary>Where something stands in a file, and what it says.</summary>
public readonly record struct CsvPlace(string? Text, int Line, int Column);
