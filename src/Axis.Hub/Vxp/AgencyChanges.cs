using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>
/// registerAgency and deleteAgency. The registry belongs to the IT centre, and these requests carry no proof of their
/// body; so what is asked for already holds or is refused, and the wish is on record either way.
/// </summary>
public sealed class AgencyChanges(RegistryCache registry, AuditLog audit, TimeProvider clock)
{
    /// <summary>Null when the agency is there and served by the caller, so that there is nothing to do.</summary>
    public async Task<ErrorItem?> RegisterAsync(
        OfficeSystem system,
        Stream body,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        AgencyRegistration? wish;
        try
        {
            wish = await JsonSerializer.DeserializeAsync<AgencyRegistration>(
                body,
                cancellationToken: cancellationToken
            );
        }
        catch (JsonException)
        {
            wish = null;
        }
        if (wish is not { Code.Length: > 0 and <= 100 })
        {
            return RequestErrors.Malformed.At(
                null,
                null,
                new Words(
                    "a JSON object with code, pcode and name was expected",
                    "cần một đối tượng JSON có code, pcode và name"
                )
            );
        }
        var isThere =
            registry.Current.TryFindAgency(wish.Code, clock.GetUtcNow(), out var agency)
            && Permissions.CanSpeakFor(system, agency);
        return await AnswerAsync(
            system,
            new
            {
                Wish = VxpCall.RegisterAgency.Name,
                wish.Code,
                wish.ParentCode,
            },
            wish.Code,
            isThere,
            remote
        );
    }

    /// <summary>Null when no open agency has the code, so that there is nothing to do.</summary>
    public async Task<ErrorItem?> DeleteAsync(OfficeSystem system, string? code, string? remote)
    {
        if (code is not { Length: > 0 and <= 100 })
        {
            return RequestErrors.BadParameter.At(
                VxpParameter.AgencyCode,
                code,
                VxpParameter.AgencyCode,
                new Words("an agency's code", "mã của một cơ quan")
            );
        }
        var isGone =
            !registry.Current.TryFindAgency(code, clock.GetUtcNow(), out var agency)
            || agency.Status == AgencyStatus.Closed;
        return await AnswerAsync(
            system,
            new { Wish = VxpCall.DeleteAgency.Name, Code = code },
            code,
            isGone,
            remote
        );
    }

    private async Task<ErrorItem?> AnswerAsync(
        OfficeSystem system,
        object wish,
        string code,
        bool isSo,
        string? remote
    )
    {
        if (isSo)
        {
            return null;
        }
        await audit.RecordAsync(
            AuditActions.ChangeAgency,
            AuditOutcome.Refused,
            system.Id,
            remote,
            wish
        );
        return VxpErrors.RegistryIsNotYours.At(null, null, code);
    }
}
