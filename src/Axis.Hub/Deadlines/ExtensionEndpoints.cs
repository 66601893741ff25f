using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Npgsql;

namespace Axis.Hub.Deadlines;

/// <param name="Until">The last day of the longer term; it ends with that day's working hours.</param>
public sealed record ExtensionCall(DateOnly? Until, string? Reason);

/// <param name="Until">Of a grant: another day than the one asked for.</param>
public sealed record ExtensionAnswerCall(bool? Granted, DateOnly? Until, string? Reason);

/// <summary>More time, between the two agencies of a delivery.</summary>
internal static class ExtensionEndpoints
{
    private const int MaxText = 500;

    public static async Task<IResult> AskAsync(
        OfficeSystemCaller caller,
        Guid deliveryId,
        ExtensionCall said,
        Extensions extensions,
        NpgsqlDataSource database,
        RegistryCache registry,
        WorkingTime time,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (said.Until is not { Year: >= 2000 and <= 2200 } until)
        {
            return Wrong(
                "until",
                said.Until?.ToString("O"),
                new Words("a day such as 2026-10-31", "một ngày như 2026-10-31")
            );
        }
        if (string.IsNullOrWhiteSpace(said.Reason) || said.Reason.Length > MaxText)
        {
            return Wrong(
                "reason",
                null,
                new Words(
                    $"a reason, 1 to {MaxText} characters",
                    $"lý do, từ 1 đến {MaxText} ký tự"
                )
            );
        }
        if (
            await LetterAsync(
                caller,
                deliveryId,
                facts => facts.RecipientAgencyId,
                database,
                registry.Current,
                clock.GetUtcNow(),
                cancellationToken
            )
            is not { } letter
        )
        {
            return NotFound(deliveryId);
        }
        return Answer(
            await extensions.AskAsync(
                letter,
                caller.Id,
                time.EndOf(until),
                said.Reason.Trim(),
                cancellationToken
            )
        );
    }

    public static async Task<IResult> AnswerAsync(
        OfficeSystemCaller caller,
        Guid deliveryId,
        ExtensionAnswerCall said,
        Extensions extensions,
        NpgsqlDataSource database,
        RegistryCache registry,
        WorkingTime time,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (said.Granted is not { } granted)
        {
            return Wrong("granted", null, new Words("true or false", "true hoặc false"));
        }
        if (said.Until is { Year: < 2000 or > 2200 } || (!granted && said.Until is not null))
        {
            return Wrong(
                "until",
                said.Until?.ToString("O"),
                new Words("a day, and only of what is granted", "một ngày, và chỉ khi đồng ý")
            );
        }
        if (said.Reason?.Length > MaxText || (!granted && string.IsNullOrWhiteSpace(said.Reason)))
        {
            return Wrong(
                "reason",
                null,
                new Words(
                    $"at most {MaxText} characters; whoever declines says why",
                    $"tối đa {MaxText} ký tự; từ chối thì phải nêu lý do"
                )
            );
        }
        if (
            await LetterAsync(
                caller,
                deliveryId,
                facts => facts.SenderAgencyId,
                database,
                registry.Current,
                clock.GetUtcNow(),
                cancellationToken
            )
            is not { } letter
        )
        {
            return NotFound(deliveryId);
        }
        return Answer(
            await extensions.AnswerAsync(
                letter,
                caller.Id,
                granted,
                said.Until is { } day ? time.EndOf(day) : null,
                said.Reason?.Trim(),
                cancellationToken
            )
        );
    }

    /// <summary>
    /// The delivery that the call is about: of an update or a recall, which have no clock, the letter behind it, as of
    /// a report. Null when the caller does not speak for that side of it, or for who answers in its place.
    /// </summary>
    private static async Task<Guid?> LetterAsync(
        OfficeSystemCaller caller,
        Guid deliveryId,
        Func<DeliveryFacts, Guid> side,
        NpgsqlDataSource database,
        RegistrySnapshot registry,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var sees = Permissions.Letters(caller.OfficeSystem);
        var facts = await FactsAsync(deliveryId);
        if (facts is { About: { } letter })
        {
            facts = await FactsAsync(letter);
        }
        return
            facts is not null
            && registry.AgencyById(side(facts)) is { } agency
            && Permissions.CanSpeakFor(
                caller.OfficeSystem,
                registry.Resolve(agency, now) is Resolution.One one ? one.Agency : agency
            )
            ? facts.DeliveryId
            : null;

        async Task<DeliveryFacts?> FactsAsync(Guid delivery) =>
            await DeliveryFacts.ReadAsync(database, [delivery], sees, cancellationToken)
                is [var one]
                ? one
                : null;
    }

    private static IResult Answer(ExtensionOutcome outcome) =>
        outcome.Refusal is { } refusal
            ? Problem.Of(refusal).ToResult()
            : Results.Json(
                outcome.View,
                HubJson.Options,
                statusCode: outcome.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK
            );

    private static IResult Wrong(string name, string? value, Words expected) =>
        Problem.Of(RequestErrors.BadParameter.At(name, value, name, expected)).ToResult();

    private static IResult NotFound(Guid deliveryId) =>
        Problem
            .Of(RequestErrors.NotFound.At(null, deliveryId.ToString(), Words.Delivery))
            .ToResult();
}
