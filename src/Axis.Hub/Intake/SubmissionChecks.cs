using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Routing;
using Axis.Hub.Trust;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake;

/// <summary>A document that passed every check that needs no database.</summary>
public sealed record CheckedDocument(
    DocumentHeader Header,
    Agency Sender,
    IReadOnlyList<PlannedDelivery> Deliveries,
    PackageVerdicts Signatures,
    IReadOnlyList<ErrorItem> Warnings
);

/// <summary>A status report whose form and reporter are in order; its delivery is found when it is recorded.</summary>
/// <remarks>
/// The letter is stored under the agencies of its time. <c>Reporter</c> is who speaks now, <c>ReporterFamily</c> for whom
/// it may; <c>ResponseFamily</c> is everybody that ResponseFor may stand for in an old letter. The likeliest come first.
/// </remarks>
public sealed record CheckedStatus(
    StatusHeader Header,
    Agency Reporter,
    Agency ResponseAgency,
    IReadOnlyList<Guid> ReporterFamily,
    IReadOnlyList<Guid> ResponseFamily
);

/// <summary>
/// The ordered checks: format, sender, recipients, signature. All that can be said of a package is said at once, so
/// that a vendor mends it in one round.
/// </summary>
public sealed class SubmissionChecks(
    EnvelopeJudge envelopes,
    DocumentJudge documents,
    IOptions<RevocationOptions> revocation,
    TimeProvider clock
)
{
    private const string Header = "MessageHeader";
    private const int MaxKeyLength = 300;

    // Dates in packages are Vietnamese dates (QĐ 28/2018 Đ14.4).
    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    /// <summary>Format errors, empty when the package can be worked with; <paramref name="warnings"/> travel on.</summary>
    public IReadOnlyList<ErrorItem> CheckFormat(
        PackageReading reading,
        out IReadOnlyList<ErrorItem> warnings
    )
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().ToOffset(Vietnam).DateTime);
        var findings = PackageRules.Check(reading, RuleProfile.Axis, today);
        warnings =
        [
            .. findings.Where(finding => finding.Severity == Severity.Warning).Select(ToItem),
        ];
        return [.. findings.Where(finding => finding.Severity == Severity.Error).Select(ToItem)];
    }

    public async Task<(
        CheckedDocument? Document,
        IReadOnlyList<ErrorItem> Errors
    )> CheckDocumentAsync(
        OfficeSystem caller,
        PackageSpool spool,
        RegistrySnapshot registry,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<ErrorItem>(CheckFormat(spool.Reading, out var warnings));
        if (spool.Reading.Document is not { } header)
        {
            return (null, errors);
        }
        CheckKeyLength("DocumentId", header.DocumentId, errors);
        CheckKeyLength("Code/CodeNumber", header.CodeNumber, errors);
        CheckKeyLength("Code/CodeNotation", header.CodeNotation, errors);
        var sender = CheckSpeaker(caller, header.From, registry, now, errors);
        var deliveries = caller.IsFarAxis
            ? Acts.ActRecipients.PlanOwn(header, registry, now, errors)
            : Acts.ActRecipients.Plan(header, registry, now, errors);
        // A package that breaks off has no signatures worth judging.
        if (!spool.Reading.IsComplete && errors.Count > 0)
        {
            return (null, errors);
        }
        var policy = registry.SignaturePolicies.For(caller.Id, sender, now);
        var envelope = envelopes.Judge(
            spool.Signature,
            sender is null ? [] : registry.CertificatesOf(sender.Id),
            now
        );
        var gate = new SignatureGate(policy, revocation.Value.AfterGrace);
        // Documents cost more than all the rest, so they are judged only to be recorded, or to decide.
        var attachments =
            errors.Count == 0 || gate.NeedsDocument(envelope)
                ? await JudgeDocumentsAsync(spool, now, cancellationToken)
                : [];
        var verdicts = new PackageVerdicts(policy, envelope, attachments);
        errors.AddRange(gate.Check(verdicts));
        return errors.Count > 0
            ? (null, errors)
            : (new CheckedDocument(header, sender!, deliveries, verdicts, warnings), errors);
    }

    public (CheckedStatus? Status, IReadOnlyList<ErrorItem> Errors) CheckStatus(
        OfficeSystem caller,
        PackageReading reading,
        RegistrySnapshot registry,
        DateTimeOffset now
    )
    {
        var errors = new List<ErrorItem>(CheckFormat(reading, out _));
        if (reading.Status is not { } header)
        {
            return (null, errors);
        }
        var reporter = CheckReporter(caller, header.From, registry, now, errors);
        IReadOnlyList<Guid> responseFamily = header.ResponseFor.OrganId is { } organ
            ? registry.FamilyOf(organ, now)
            : [];
        if (responseFamily.Count == 0 && header.ResponseFor.OrganId is not null)
        {
            organ = header.ResponseFor.OrganId;
            errors.Add(
                Statuses.StatusErrors.UnknownResponseOrgan.At(
                    $"{Header}/ResponseFor/OrganId",
                    organ,
                    organ
                )
            );
        }
        return errors.Count > 0
            ? (null, errors)
            : (
                new CheckedStatus(
                    header,
                    reporter!,
                    registry.AgencyById(responseFamily[0])!,
                    registry.HeirdomOf(reporter!.Id, now),
                    responseFamily
                ),
                errors
            );
    }

    /// <summary>These are keys of the store, whose index rows have a limit; no real letter comes near it.</summary>
    private static void CheckKeyLength(string element, string? value, List<ErrorItem> errors)
    {
        if (value?.Length > MaxKeyLength)
        {
            var path = $"{Header}/{element}";
            errors.Add(
                RequestErrors.BadParameter.At(path, value, path, Words.AtMost(MaxKeyLength))
            );
        }
    }

    /// <summary>A report may still name the closed agency that the letter was sent to: its one successor answers for it.</summary>
    private static Agency? CheckReporter(
        OfficeSystem caller,
        Party from,
        RegistrySnapshot registry,
        DateTimeOffset now,
        List<ErrorItem> errors
    ) =>
        from.Code is { } code
        && registry.Resolve(code.Value, now)
            is Resolution.One { Substitution: not null, Agency: var successor }
        && Permissions.CanSpeakFor(caller, successor)
            ? successor
            : CheckSpeaker(caller, from, registry, now, errors);

    private static Agency? CheckSpeaker(
        OfficeSystem caller,
        Party from,
        RegistrySnapshot registry,
        DateTimeOffset now,
        List<ErrorItem> errors
    )
    {
        const string Path = Header + "/From/OrganId";
        if (from.Code is not { } code)
        {
            return null;
        }
        if (!registry.TryFindAgency(code.Value, now, out var sender))
        {
            errors.Add(SubmissionErrors.UnknownSender.At(Path, code.Value, code.Value));
            return null;
        }
        if (!Permissions.CanSpeakFor(caller, sender))
        {
            errors.Add(
                sender.Status == AgencyStatus.Active
                    ? SubmissionErrors.SenderNotServed.At(Path, code.Value, code.Value, caller.Id)
                    : SubmissionErrors.SenderNotActive.At(Path, code.Value, code.Value)
            );
        }
        return sender;
    }

    private async Task<IReadOnlyList<AttachmentVerdict>> JudgeDocumentsAsync(
        PackageSpool spool,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var package = await spool.OpenReadAsync(cancellationToken);
        return await documents.JudgeAsync(
            package,
            spool.Reading.Attachments,
            now,
            cancellationToken
        );
    }

    private static ErrorItem ToItem(Finding finding) =>
        new(
            $"AXIS-{finding.Rule.Number}",
            finding.Path,
            finding.Value,
            finding.Line > 0 ? finding.Line : null,
            finding.Column > 0 ? finding.Column : null,
            finding.MessageEn,
            finding.MessageVi
        );
}
