using Axis.Hub.Storage.Archive;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events;

/// <summary>Events are kept for replay with their bodies, so their months must not leave for the archive before.</summary>
internal sealed class EventOptionsCheck(IOptions<RetentionOptions> retention)
    : IValidateOptions<EventOptions>
{
    public ValidateOptionsResult Validate(string? name, EventOptions options) =>
        retention.Value.Months is var months and > 0 && options.KeepDays >= ShortestDays(months)
            ? ValidateOptionsResult.Fail(
                $"{EventOptions.Section}:{nameof(EventOptions.KeepDays)} is {options.KeepDays} and "
                    + $"{RetentionOptions.Section}:{nameof(RetentionOptions.Months)} is {months}: events leave for the archive "
                    + $"after {ShortestDays(months)} days. Keep them for {ShortestDays(months) - 1} days at most, or more months."
            )
            : ValidateOptionsResult.Success;

    /// <summary>The fewest days that so many months in a row have; no leap year.</summary>
    internal static int ShortestDays(int months) =>
        Enumerable
            .Range(0, 12)
            .Min(first =>
                Enumerable
                    .Range(first, months)
                    .Sum(month => DateTime.DaysInMonth(2025, (month % 12) + 1))
            );
}
