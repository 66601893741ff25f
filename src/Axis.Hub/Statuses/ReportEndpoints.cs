using System.Text;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>A status without XML: the hub writes the package.</summary>
public static class ReportEndpoints
{
    private const int MaxText = 500;

    // Clocks of offices are set by hand; what lies further ahead is a mistake.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    public static void MapReports(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/deliveries/{deliveryId:guid}/status", ReportAsync)
            .RequireAuthorization(AccessPolicies.OfficeSystem);

    private static async Task<IResult> ReportAsync(
        OfficeSystemCaller caller,
        Guid deliveryId,
        StatusCall said,
        NpgsqlDataSource database,
        RegistryCache registry,
        GroupCommit<StatusAcceptance, StatusOutcome> statuses,
        HubMetrics metrics,
        TimeOrderedIds ids,
        TimeProvider clock,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        if (WrongIn(said, now) is { } wrong)
        {
            return Problem.Of(wrong).ToResult();
        }
        var facts = await DeliveryFacts.ReadAsync(
            database,
            [deliveryId],
            Permissions.Letters(caller.OfficeSystem),
            cancellationToken
        );
        var snapshot = registry.Current;
        if (
            facts is not [var about]
            || snapshot.AgencyById(about.SenderAgencyId) is not { } sender
            || snapshot.AgencyById(about.RecipientAgencyId) is not { } recipient
            || !Permissions.CanSpeakFor(
                caller.OfficeSystem,
                SpeakerFor(
                    Lifecycle.IsRaisedBySender(said.Status!) ? sender : recipient,
                    snapshot,
                    now
                )
            )
        )
        {
            return Problem
                .Of(RequestErrors.NotFound.At(null, deliveryId.ToString(), Words.Delivery))
                .ToResult();
        }
        var bySender = Lifecycle.IsRaisedBySender(said.Status!);
        StatusAcceptance report;
        try
        {
            report = await WrittenReport.WriteAsync(
                about,
                bySender ? sender : recipient,
                bySender ? recipient : sender,
                said,
                said.At ?? now,
                (ids.Next(), now, Door.Http, caller.Id),
                cancellationToken
            ) with
            {
                IsTimedByHub = said.At is null,
            };
        }
        catch (ArgumentException)
        {
            return Problem
                .Of(
                    RequestErrors.BadParameter.At(
                        "description",
                        null,
                        "description",
                        new Words(
                            "text without control characters",
                            "văn bản không có ký tự điều khiển"
                        )
                    )
                )
                .ToResult();
        }
        if (!statuses.TrySubmit(report, out var answer))
        {
            context.Response.Headers.RetryAfter = "2";
            return Problem.Of(HubErrors.Busy.At(null, null, 2)).ToResult();
        }
        var outcome = await answer;
        if (outcome is StatusOutcome.Recorded)
        {
            metrics.PackageAccepted(Door.Http);
        }
        return outcome switch
        {
            StatusOutcome.Recorded recorded => Receipt(
                recorded.ReceiptJson,
                StatusCodes.Status201Created
            ),
            StatusOutcome.Repeated repeated => Receipt(
                repeated.ReceiptJson,
                StatusCodes.Status200OK
            ),
            StatusOutcome.Refused refused => Problem.Of(refused.Error).ToResult(),
            _ => throw new InvalidOperationException($"Unknown status outcome {outcome}"),
        };
    }

    /// <summary>The agency itself, or who answers in its place since it is closed.</summary>
    private static Agency SpeakerFor(Agency agency, RegistrySnapshot registry, DateTimeOffset at) =>
        registry.Resolve(agency, at) is Resolution.One one ? one.Agency : agency;

    private static ErrorItem? WrongIn(StatusCall said, DateTimeOffset now)
    {
        if (said.Status is not { } status || !Lifecycle.Codes.Contains(status))
        {
            return Wrong("status", said.Status, string.Join(", ", Lifecycle.Codes));
        }
        if (said.At > now + Ahead || said.At < DateTimeOffset.UnixEpoch)
        {
            return Wrong(
                "at",
                said.At?.ToString("O"),
                new Words("a time that has come", "một thời điểm không ở tương lai")
            );
        }
        // Whoever refuses or takes back says why (QĐ 28/2018 Đ5.4, Đ8.2).
        if (status is "02" or "13" or "16" && string.IsNullOrWhiteSpace(said.Description))
        {
            return Wrong(
                "description",
                null,
                new Words($"a reason with status {status}", $"lý do đi kèm trạng thái {status}")
            );
        }
        (string Name, string? Text)[] texts =
        [
            ("description", said.Description),
            ("staff.name", said.Staff?.Name),
            ("staff.department", said.Staff?.Department),
            ("staff.mobile", said.Staff?.Mobile),
            ("staff.email", said.Staff?.Email),
        ];
        return texts.FirstOrDefault(text => text.Text?.Length > MaxText).Name is { } tooLong
            ? Wrong(tooLong, null, Words.AtMost(MaxText))
            : null;
    }

    private static ErrorItem Wrong(string name, string? value, object expected) =>
        RequestErrors.BadParameter.At(name, value, name, expected);

    private static IResult Receipt(string json, int status) =>
        Results.Text(json, "application/json", Encoding.UTF8, status);
}
