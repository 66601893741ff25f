using System.IO.Pipelines;
using System.Text.Json;
using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Routing;
using Axis.Hub.Storage;
using Axis.Vxp;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Vxp;

/// <summary>What a client said of the package that it sends.</summary>
/// <param name="From">The agency in whose name it sends; null where the flavour has no such parameter.</param>
/// <param name="To">Recipients, if it named them beside the package.</param>
/// <param name="FileHash">Digest of the file, in either spelling; null where the flavour has none.</param>
/// <param name="StatusesOnly">The system may report statuses but send no documents.</param>
public sealed record SendClaims(
    string? From,
    IReadOnlyList<string> To,
    string? FileHash,
    bool StatusesOnly
);

/// <summary>What became of it: the id under which the client finds it again, or why not.</summary>
public sealed record SendOutcome(string? DocId, IReadOnlyList<ErrorItem> Errors)
{
    public static SendOutcome Refused(params IReadOnlyList<ErrorItem> errors) => new(null, errors);
}

/// <summary>
/// A package through the SDK's door: what the client said beside it is held against it, and the rest is the submission
/// that every door shares. The package decides who sends and who receives; it is what is signed and kept.
/// </summary>
public sealed class SendEdoc(
    SubmitPackage submit,
    PayloadStore payloads,
    RegistryCache registry,
    AuditLog audit,
    IOptions<IntakeOptions> options,
    TimeProvider clock
)
{
    /// <summary>The line end behind the file, and one byte to see that a file is too long.</summary>
    public const int BeyondPackage = 3;

    private const int RetryAfterSeconds = 2;

    /// <summary>The SDK's body: the file and a line end, which other clients may leave away.</summary>
    public async Task<SendOutcome> SendAsync(
        OfficeSystem system,
        Door door,
        SendClaims claims,
        PipeReader body,
        long? announcedLength,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        var file = new TrailingLineEnd(body);
        await using var spool = await ReceiveAsync(
            system,
            file,
            announcedLength - 2,
            cancellationToken
        );
        if (spool is null)
        {
            return TooLarge(system);
        }
        if (
            claims.FileHash is not { } hash
            || FileHash.IsOf(spool.Reading.Sha256.Span, hash)
            || !file.WasThere
        )
        {
            return await SubmitAsync(system, door, claims, spool, remote);
        }
        await using var longer = await WithLineEndAsync(system, spool, hash, cancellationToken);
        return await SubmitAsync(system, door, claims, longer ?? spool, remote);
    }

    /// <summary>Null when the client did not mean that, and its digest is simply wrong.</summary>
    private async Task<PackageSpool?> WithLineEndAsync(
        OfficeSystem system,
        PackageSpool spool,
        string hash,
        CancellationToken cancellationToken
    )
    {
        await using var content = await spool.OpenReadAsync(cancellationToken);
        if (!await FileWithLineEnd.IsMeantAsync(content, hash, cancellationToken))
        {
            return null;
        }
        content.Position = 0;
        return await FileWithLineEnd.ReceiveAsync(
            content,
            spool.Reading.Length,
            options.Value.ToReadLimits(system),
            options.Value.SpoolMemoryBytes,
            payloads,
            cancellationToken
        );
    }

    /// <summary>A file as it is, without anything behind it.</summary>
    public async Task<SendOutcome> SendFileAsync(
        OfficeSystem system,
        Door door,
        SendClaims claims,
        PipeReader file,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        await using var spool = await ReceiveAsync(system, file, null, cancellationToken);
        return spool is null
            ? TooLarge(system)
            : await SubmitAsync(system, door, claims, spool, remote);
    }

    private async Task<PackageSpool?> ReceiveAsync(
        OfficeSystem system,
        PipeReader file,
        long? announcedLength,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await PackageSpool.ReceiveAsync(
                file,
                announcedLength,
                options.Value.ToReadLimits(system),
                options.Value.SpoolMemoryBytes,
                payloads,
                cancellationToken
            );
        }
        catch (BadHttpRequestException refused) when (IsTooLarge(refused))
        {
            // Beyond the hub's own limit the server stops reading, and knows nothing of the sender's.
            return null;
        }
    }

    internal static bool IsTooLarge(BadHttpRequestException refused) =>
        refused.StatusCode == StatusCodes.Status413PayloadTooLarge;

    /// <summary>Names the limit that holds for this sender, which may be lower than the hub's.</summary>
    internal SendOutcome TooLarge(OfficeSystem system) =>
        SendOutcome.Refused(
            RequestErrors.TooLarge.At(null, null, options.Value.ToReadLimits(system).MaxBytes)
        );

    private async Task<SendOutcome> SubmitAsync(
        OfficeSystem system,
        Door door,
        SendClaims claims,
        PackageSpool spool,
        string? remote
    )
    {
        var errors = Check(system, claims, spool.Reading);
        if (errors.Count > 0)
        {
            await audit.RecordAsync(
                AuditActions.SubmitPackage,
                AuditOutcome.Refused,
                system.Id,
                remote,
                new
                {
                    Codes = errors.Select(error => error.Code).Distinct().ToArray(),
                    DocumentId = spool.Reading.Document?.DocumentId,
                    Sha256 = Convert.ToHexStringLower(spool.Reading.Sha256.Span),
                    Size = spool.Reading.Length,
                }
            );
            return SendOutcome.Refused(errors);
        }
        // From here on the submission runs to its end even if the caller hangs up: it may be durable already.
        return await submit.SubmitAsync(system, door, spool, remote, CancellationToken.None) switch
        {
            SubmissionOutcome.Accepted accepted => new(PackageIdOf(accepted.ReceiptJson), []),
            SubmissionOutcome.Refused refused => SendOutcome.Refused(refused.Errors),
            SubmissionOutcome.OverQuota over => SendOutcome.Refused(over.Error),
            _ => SendOutcome.Refused(HubErrors.Busy.At(null, null, RetryAfterSeconds)),
        };
    }

    private List<ErrorItem> Check(OfficeSystem system, SendClaims claims, PackageReading package)
    {
        var errors = new List<ErrorItem>();
        if (package.Length == 0)
        {
            errors.Add(RequestErrors.Empty.At());
            return errors;
        }
        if (claims.FileHash is { } hash && !FileHash.IsOf(package.Sha256.Span, hash))
        {
            errors.Add(VxpErrors.FileDigest.At(VxpParameter.HashFile, hash, package.Length));
        }
        if (claims.StatusesOnly && package.Kind != PackageKind.Status)
        {
            errors.Add(VxpErrors.ReceiveOnly.At(null, null, system.Id));
        }
        var snapshot = registry.Current;
        var now = clock.GetUtcNow();
        if (claims.From is { } from)
        {
            if (!snapshot.TryFindAgency(from, now, out var sender))
            {
                errors.Add(SubmissionErrors.UnknownSender.At(VxpParameter.From, from, from));
            }
            else if (!Permissions.CanSpeakFor(system, sender))
            {
                errors.Add(
                    SubmissionErrors.SenderNotServed.At(VxpParameter.From, from, from, system.Id)
                );
            }
        }
        CheckRecipients(claims.To, package, snapshot, now, errors);
        return errors;
    }

    /// <summary>
    /// Whoever is named beside the package must stand in it, or the sender would believe that it went to them. A status
    /// names its receiver by what it answers.
    /// </summary>
    private static void CheckRecipients(
        IReadOnlyList<string> to,
        PackageReading package,
        RegistrySnapshot snapshot,
        DateTimeOffset now,
        List<ErrorItem> errors
    )
    {
        if (to.Count == 0 || package.Document is not { } document)
        {
            return;
        }
        var codes = document
            .To.Select(party => party.Code?.Value)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var agencies = codes.Select(code => ReceiverOf(code, snapshot, now)).ToHashSet();
        foreach (var code in to.Where(code => !codes.Contains(code)))
        {
            // An old code, or that of an agency that has merged, is the same recipient.
            if (ReceiverOf(code, snapshot, now) is not { } receiver)
            {
                errors.Add(RoutingErrors.UnknownRecipient.At(VxpParameter.To, code, code));
            }
            else if (!agencies.Contains(receiver))
            {
                errors.Add(VxpErrors.NotInPackage.At(VxpParameter.To, code, code));
            }
        }
    }

    private static Guid? ReceiverOf(string code, RegistrySnapshot snapshot, DateTimeOffset now) =>
        snapshot.Resolve(code, now) is Resolution.One one ? one.Agency.Id : null;

    private static string PackageIdOf(string receiptJson)
    {
        using var receipt = JsonDocument.Parse(receiptJson);
        return receipt.RootElement.GetProperty("packageId").GetString()!;
    }
}
