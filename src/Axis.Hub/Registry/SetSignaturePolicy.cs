using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Registry;

/// <summary>
/// A policy as operators read and write it. At most one of agency, office system and route is given; none means the
/// hub. Times are days or instants; absent for no limit.
/// </summary>
public sealed record PolicyView(
    string? Agency,
    string? OfficeSystem,
    string? Route,
    string Policy,
    DateTimeOffset? ValidFrom,
    DateTimeOffset? ValidTo
)
{
    public static PolicyView Of(SignaturePolicyRow row, RegistrySnapshot registry) =>
        new(
            row.AgencyId is { } id ? registry.AgencyById(id)?.PrimaryCode : null,
            row.OfficeSystemId,
            row.Route,
            RegistryNames.Of(row.Policy),
            row.ValidFrom == DateTimeOffset.MinValue ? null : row.ValidFrom,
            row.ValidTo == DateTimeOffset.MaxValue ? null : row.ValidTo
        );
}

/// <summary>A policy as it is asked for, before anything of it is believed.</summary>
public sealed record PolicyRequest(
    string? Agency,
    string? OfficeSystem,
    string? Route,
    string? Policy,
    string? ValidFrom,
    string? ValidTo
);

/// <summary>Sets a policy from an operator's word, with its audit line in the same transaction.</summary>
public sealed class SetSignaturePolicy(
    NpgsqlDataSource database,
    RegistryCache registry,
    TimeProvider clock
)
{
    /// <summary>The row that was written, or what is wrong with the request.</summary>
    public async Task<(SignaturePolicyRow? Row, IReadOnlyList<ErrorItem> Errors)> SetAsync(
        PolicyRequest request,
        string operatorId,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<ErrorItem>();
        var row = RowOf(request, registry.Current, errors);
        if (errors.Count > 0)
        {
            return (null, errors);
        }
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SignaturePolicyTable.UpsertAsync(connection, [row], cancellationToken);
        await AuditAsync(connection, request, operatorId, remote, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await registry.RefreshAsync(cancellationToken);
        return (row, []);
    }

    private SignaturePolicyRow RowOf(
        PolicyRequest request,
        RegistrySnapshot snapshot,
        List<ErrorItem> errors
    )
    {
        Guid? agencyId = null;
        if (request.Agency is { } code)
        {
            agencyId = snapshot.TryFindAgency(code, clock.GetUtcNow(), out var agency)
                ? agency.Id
                : Refuse<Guid?>(
                    "agency",
                    code,
                    new Words(
                        "a code of an agency of the registry",
                        "mã của một cơ quan trong danh mục"
                    )
                );
        }
        if (request.OfficeSystem is { } system && snapshot.OfficeSystem(system) is null)
        {
            Refuse<string>(
                "officeSystem",
                system,
                new Words(
                    "an id of an office system of the registry",
                    "mã của một phần mềm trong danh mục"
                )
            );
        }
        if (request.Route is not (null or SignaturePolicyRow.NationalRoute))
        {
            Refuse<string>("route", request.Route, SignaturePolicyRow.NationalRoute);
        }
        string?[] subjects = [request.Agency, request.OfficeSystem, request.Route];
        if (subjects.Count(subject => subject is not null) > 1)
        {
            Refuse<string>(
                "agency",
                request.Agency,
                new Words(
                    "one of agency, officeSystem and route",
                    "một trong agency, officeSystem và route"
                )
            );
        }
        var policies = Enum.GetValues<SignaturePolicy>().ToDictionary(RegistryNames.Of);
        if (!policies.TryGetValue(request.Policy ?? "", out var policy))
        {
            Refuse<string>("policy", request.Policy, string.Join(", ", policies.Keys));
        }
        var from = Instant("validFrom", request.ValidFrom, DateTimeOffset.MinValue);
        var to = Instant("validTo", request.ValidTo, DateTimeOffset.MaxValue);
        if (errors.Count == 0 && from >= to)
        {
            Refuse<string>(
                "validTo",
                request.ValidTo,
                new Words("a time after validFrom", "một thời điểm sau validFrom")
            );
        }
        return new(agencyId, request.OfficeSystem, request.Route, policy, from, to);

        DateTimeOffset Instant(string name, string? text, DateTimeOffset absent) =>
            text is null ? absent
            : PolicyDates.TryParse(text, out var instant) ? instant
            : Refuse<DateTimeOffset>(name, text, PolicyDates.Expected);

        T? Refuse<T>(string name, string? value, object expected)
        {
            errors.Add(RequestErrors.BadParameter.At(name, value, name, expected));
            return default;
        }
    }

    private async Task AuditAsync(
        NpgsqlConnection connection,
        PolicyRequest request,
        string operatorId,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO audit (at, actor, remote, action, outcome, detail) VALUES ($1, $2, $3, $4, 'ok', $5)",
            connection
        );
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = operatorId });
        command.Parameters.Add(
            new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)remote ?? DBNull.Value }
        );
        command.Parameters.Add(new() { Value = AuditActions.SetSignaturePolicy });
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlDbType.Jsonb,
                Value = JsonSerializer.Serialize(request, HubJson.Options),
            }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
