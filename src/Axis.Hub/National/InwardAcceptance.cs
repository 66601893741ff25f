using System.Security.Cryptography;
using System.Text.Json;
using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Routing;
using Axis.Hub.Statuses;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

/// <summary>
/// One package from a far axis, through the intake that every door shares, and what is to be said of it. Whatever the
/// intake does not take is kept whole.
/// </summary>
internal sealed class InwardAcceptance(
    FarAxes axes,
    SubmitPackage submit,
    FarInwardStore store,
    RegistryCache registry,
    IOptions<IntakeOptions> intake,
    IOptions<NationalOptions> options,
    TimeProvider clock,
    ICrashPoints crash
)
{
    /// <summary>Null when the hub has no room just now, or the package has to wait: nothing was decided.</summary>
    /// <param name="waits">Whether it is not the turn of what was read; null when it is.</param>
    public async Task<FarArrival?> AcceptAsync(
        string axis,
        FarItem item,
        byte[] package,
        Predicate<PackageReading>? waits,
        CancellationToken cancellationToken
    )
    {
        var system = axes.SystemOf(axis, registry.Current);
        await using var spool = PackageSpool.Receive(package, intake.Value.ToReadLimits(system));
        if (spool is null)
        {
            return Kept(
                item,
                FarArrival.Unreadable,
                package,
                null,
                [RequestErrors.TooLarge.At(null, null, intake.Value.ToReadLimits(system).MaxBytes)]
            );
        }
        var reading = spool.Reading;
        if (waits?.Invoke(reading) == true)
        {
            return null;
        }
        var outcome = await submit.SubmitAsync(
            system,
            Door.National,
            spool,
            null,
            CancellationToken.None
        );
        crash.Pass(CrashPoint.FarItemAccepted);
        switch (outcome)
        {
            case SubmissionOutcome.Accepted accepted:
                var missing = MissingOf(item, reading.Document);
                return new FarArrival(
                    item,
                    accepted.IsRepeat ? FarArrival.Repeated : FarArrival.Accepted,
                    SourceOf(accepted.ReceiptJson),
                    SenderOf(reading),
                    DocumentIdOf(reading),
                    reading.Document?.Subject ?? "",
                    [.. missing.Select(one => one.Code)],
                    [.. missing.Select(one => one.Reason)],
                    null,
                    await AnswersAsync(reading.Document, missing)
                );
            case SubmissionOutcome.Refused refused:
                return await RefusedAsync(item, package, reading, refused, cancellationToken);
            default:
                return null;
        }
    }

    private async Task<FarArrival> RefusedAsync(
        FarItem item,
        byte[] package,
        PackageReading reading,
        SubmissionOutcome.Refused refused,
        CancellationToken cancellationToken
    )
    {
        if (
            refused.Errors.Any(error => error.Code == SubmissionErrors.DocumentIdConflict.Code)
            && reading.Document is { From.Code: { } from } header
            && registry.Current.TryFindAgency(from.Value, clock.GetUtcNow(), out var sender)
            && await store.SameLetterAsync(sender.Id, header, cancellationToken) is { } first
        )
        {
            return Kept(item, FarArrival.Repeated, null, reading, []) with { SourceId = first };
        }
        if (reading is { Document: null, Status: null } || !reading.IsComplete)
        {
            return Kept(item, FarArrival.Unreadable, package, reading, refused.Errors);
        }
        // Only an address that nobody has is answered by the hub; all else is for people to look at first.
        var missing = MissingOf(item, reading.Document);
        var onlyAddress = refused.Errors.All(error =>
            error.Code == RoutingErrors.UnknownRecipient.Code
            || error.Code == RoutingErrors.ClosedRecipient.Code
            || error.Code == RoutingErrors.NotOfThisProvince.Code
        );
        return Kept(item, FarArrival.Undeliverable, package, reading, refused.Errors) with
        {
            Missing = [.. missing.Select(one => one.Code)],
            Answers = onlyAddress ? await AnswersAsync(reading.Document, missing) : [],
            MetNoLetter =
                reading.Status?.StatusCode is { } code
                && Lifecycle.IsRaisedBySender(code)
                && refused.Errors.Any(error => error.Code == StatusErrors.UnknownDocument.Code),
        };
    }

    /// <summary>Recipients of ours, by their code or by what the list said, that the letter could not be brought to.</summary>
    private List<(Party Party, string Code, ErrorItem Reason)> MissingOf(
        FarItem item,
        DocumentHeader? header
    )
    {
        var missing = new List<(Party, string, ErrorItem)>();
        foreach (var party in header?.To ?? [])
        {
            if (party.Code is not { } code || !(axes.IsOwn(code.Value) || code.Value == item.To))
            {
                continue;
            }
            var errors = new List<ErrorItem>();
            Router.Plan([party], registry.Current, clock.GetUtcNow(), errors);
            if (errors.Count > 0 && missing.TrueForAll(one => one.Item2 != code.Value))
            {
                missing.Add((party, code.Value, errors[0]));
            }
        }
        return missing;
    }

    private async Task<IReadOnlyList<FarAnswer>> AnswersAsync(
        DocumentHeader? header,
        List<(Party Party, string Code, ErrorItem Reason)> missing
    )
    {
        if (!options.Value.AnswerUnknown || header is null)
        {
            return [];
        }
        var answers = new List<FarAnswer>();
        foreach (var (party, code, reason) in missing)
        {
            var draft = new StatusDraft
            {
                Header = new StatusHeader
                {
                    From = party,
                    ResponseFor = new ResponseFor
                    {
                        OrganId = header.From.OrganId,
                        OrganCode = header.From.Code,
                        Code = $"{header.CodeNumber}/{header.CodeNotation}",
                        PromulgationDate = header.PromulgationDate,
                        DocumentId = header.DocumentId,
                    },
                    StatusCode = "02",
                    StatusCodeText = "02",
                    Description = $"Trục liên thông: {reason.MessageVi}",
                    Timestamp = EdTimestamp.Of(clock.GetUtcNow()),
                },
            };
            using var buffer = new MemoryStream();
            await PackageWriter.WriteAsync(draft, buffer, CancellationToken.None);
            var bytes = buffer.ToArray();
            answers.Add(
                new FarAnswer(
                    // The far side knows only agencies that there are, so the province's own speaks for the missing one.
                    options.Value.OwnCodes[0],
                    header.From.OrganId ?? "",
                    bytes,
                    SHA256.HashData(bytes)
                )
            );
        }
        return answers;
    }

    private static FarArrival Kept(
        FarItem item,
        string state,
        byte[]? package,
        PackageReading? reading,
        IReadOnlyList<ErrorItem> reasons
    ) =>
        new(
            item,
            state,
            null,
            reading is null ? item.From
                : SenderOf(reading) is { Length: > 0 } from ? from
                : item.From,
            reading is null ? "" : DocumentIdOf(reading),
            reading?.Document?.Subject ?? "",
            [],
            reasons,
            package,
            []
        );

    private static string SenderOf(PackageReading reading) =>
        (reading.Document?.From ?? reading.Status?.From)?.OrganId ?? "";

    private static string DocumentIdOf(PackageReading reading) =>
        reading.Document?.DocumentId ?? reading.Status?.ResponseFor.DocumentId ?? "";

    private static Guid SourceOf(string receiptJson)
    {
        using var receipt = JsonDocument.Parse(receiptJson);
        return receipt.RootElement.GetProperty("packageId").GetGuid();
    }
}
