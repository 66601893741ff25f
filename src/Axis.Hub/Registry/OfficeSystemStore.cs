using System.Net;
using System.Text.RegularExpressions;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Registry;

/// <summary>An office system to be registered.</summary>
public sealed partial record NewOfficeSystem(
    string? Id,
    string? Name,
    Door? InboxDoor,
    SignaturePolicy? SignaturePolicy,
    IReadOnlyList<string>? Agencies,
    bool? CollectedIsArrival = null,
    bool? AnnouncesArrivals = null
)
{
    public IReadOnlyList<ErrorItem> Problems()
    {
        var errors = new List<ErrorItem>();
        if (Id is null || !IdPattern().IsMatch(Id))
        {
            errors.Add(
                RequestErrors.BadParameter.At(
                    "id",
                    Id,
                    "id",
                    new Words(
                        "3 to 40 of a-z, 0-9 and -, no - at the ends",
                        "3 đến 40 ký tự a-z, 0-9 và -, không có - ở hai đầu"
                    )
                )
            );
        }
        if (Name is not { Length: >= 1 and <= 500 })
        {
            errors.Add(RequestErrors.BadParameter.At("name", Name, "name", "1–500"));
        }
        return errors;
    }

    // The same as the CHECK of the table.
    [GeneratedRegex("^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]\\z", RegexOptions.NonBacktracking)]
    private static partial Regex IdPattern();
}

/// <summary>What may be changed of an office system; absent stays as it is, 0 takes a limit away.</summary>
public sealed record OfficeSystemChanges(
    string? Name,
    SignaturePolicy? SignaturePolicy,
    int? RequestsPerMinute,
    long? MaxPackageBytes,
    int? MaxConnections,
    int? PackagesPerDay,
    long? BytesPerDay,
    IReadOnlyList<string>? AllowedNetworks,
    string? ContactName,
    string? ContactMail,
    string? ContactPhone,
    bool? CollectedIsArrival = null,
    bool? AnnouncesArrivals = null
)
{
    public IReadOnlyList<ErrorItem> Problems()
    {
        var errors = new List<ErrorItem>();
        Check("requestsPerMinute", RequestsPerMinute is null or >= 0);
        Check("maxPackageBytes", MaxPackageBytes is null or >= 0);
        Check("maxConnections", MaxConnections is null or >= 0);
        Check("packagesPerDay", PackagesPerDay is null or >= 0);
        Check("bytesPerDay", BytesPerDay is null or >= 0);
        foreach (var network in AllowedNetworks ?? [])
        {
            if (!IPNetwork.TryParse(network, out _))
            {
                errors.Add(
                    RequestErrors.BadParameter.At(
                        "allowedNetworks",
                        network,
                        "allowedNetworks",
                        "10.1.0.0/16"
                    )
                );
            }
        }
        return errors;

        void Check(string name, bool holds)
        {
            if (!holds)
            {
                errors.Add(RequestErrors.BadParameter.At(name, null, name, "0, 1, 2 …"));
            }
        }
    }
}

/// <summary>Writes office systems and their secrets; every change with its audit line.</summary>
public sealed class OfficeSystemStore(NpgsqlDataSource database, AuditLog audit, TimeProvider clock)
{
    /// <summary>The new secret, shown this once; null when the id is taken, by an operator too.</summary>
    public async Task<string?> AddAsync(
        NewOfficeSystem system,
        ByWhom by,
        CancellationToken cancellationToken
    )
    {
        var secret = ClientSecrets.Create();
        await using var command = database.CreateCommand(
            """
            WITH new AS (
                INSERT INTO office_system (id, name, inbox_door, collected_is_arrival, announces_arrivals)
                SELECT $1, $2, $3, $7, $8 WHERE NOT EXISTS (SELECT FROM operator WHERE id = $1)
                ON CONFLICT DO NOTHING RETURNING id
            ),
            policies AS (
                INSERT INTO signature_policy (office_system_id, policy) SELECT id, $4 FROM new WHERE $4 IS NOT NULL
            )
            INSERT INTO credential (id, office_system_id, secret_sha256) SELECT $5, id, $6 FROM new RETURNING id
            """
        );
        command.Parameters.Add(new() { Value = system.Id! });
        command.Parameters.Add(new() { Value = system.Name! });
        command.Parameters.Add(new() { Value = DoorNames.Of(system.InboxDoor ?? Door.Http) });
        command.Parameters.Add(PolicyParameter(system.SignaturePolicy));
        command.Parameters.Add(new() { Value = Guid.CreateVersion7(clock.GetUtcNow()) });
        command.Parameters.Add(new() { Value = ClientSecrets.HashOf(secret) });
        command.Parameters.Add(new() { Value = system.CollectedIsArrival ?? false });
        command.Parameters.Add(new() { Value = system.AnnouncesArrivals ?? false });
        var added = await command.ExecuteScalarAsync(cancellationToken) is not null;
        await RecordAsync(AuditActions.AddOfficeSystem, added, by, system.Id!);
        return added ? secret : null;
    }

    public async Task<bool> ChangeAsync(
        string id,
        OfficeSystemChanges changes,
        ByWhom by,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            WITH changed AS (
            UPDATE office_system SET
                name = coalesce($2, name),
                requests_per_minute = nullif(coalesce($4, requests_per_minute), 0),
                max_package_bytes = nullif(coalesce($5, max_package_bytes), 0),
                max_connections = nullif(coalesce($6, max_connections), 0),
                allowed_networks = coalesce($7::cidr[], allowed_networks),
                contact_name = coalesce($8, contact_name), contact_mail = coalesce($9, contact_mail),
                contact_phone = coalesce($10, contact_phone),
                packages_per_day = nullif(coalesce($11, packages_per_day), 0),
                bytes_per_day = nullif(coalesce($12, bytes_per_day), 0),
                collected_is_arrival = coalesce($13, collected_is_arrival),
                announces_arrivals = coalesce($14, announces_arrivals)
            WHERE id = $1 RETURNING id
            ),
            policies AS (
                INSERT INTO signature_policy (office_system_id, policy) SELECT id, $3 FROM changed WHERE $3 IS NOT NULL
                ON CONFLICT (agency_id, office_system_id, route, valid_from) DO UPDATE SET policy = excluded.policy
            )
            SELECT count(*) FROM changed
            """
        );
        command.Parameters.Add(new() { Value = id });
        Add(NpgsqlDbType.Text, changes.Name);
        command.Parameters.Add(PolicyParameter(changes.SignaturePolicy));
        Add(NpgsqlDbType.Integer, changes.RequestsPerMinute);
        Add(NpgsqlDbType.Bigint, changes.MaxPackageBytes);
        Add(NpgsqlDbType.Integer, changes.MaxConnections);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Text, changes.AllowedNetworks?.ToArray());
        Add(NpgsqlDbType.Text, changes.ContactName);
        Add(NpgsqlDbType.Text, changes.ContactMail);
        Add(NpgsqlDbType.Text, changes.ContactPhone);
        Add(NpgsqlDbType.Integer, changes.PackagesPerDay);
        Add(NpgsqlDbType.Bigint, changes.BytesPerDay);
        Add(NpgsqlDbType.Boolean, changes.CollectedIsArrival);
        Add(NpgsqlDbType.Boolean, changes.AnnouncesArrivals);
        var changed = (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
        await RecordAsync(AuditActions.ChangeOfficeSystem, changed, by, id);
        return changed;

        void Add(NpgsqlDbType type, object? value) =>
            command.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value }
            );
    }

    /// <summary>The office system's policy without a beginning; those with dates go before it while they last.</summary>
    private static NpgsqlParameter PolicyParameter(SignaturePolicy? policy) =>
        new()
        {
            NpgsqlDbType = NpgsqlDbType.Text,
            Value = policy is { } given ? RegistryNames.Of(given) : DBNull.Value,
        };

    /// <summary>A new secret beside the old ones, which end after the overlap.</summary>
    public async Task<(string Secret, DateTimeOffset OldUntil)> RotateAsync(
        string id,
        TimeSpan overlap,
        ByWhom by,
        CancellationToken cancellationToken
    )
    {
        var secret = ClientSecrets.Create();
        var until = clock.GetUtcNow() + overlap;
        await using var command = database.CreateCommand(
            """
            WITH old AS (
                UPDATE credential SET not_after = $2 WHERE office_system_id = $1 AND not_after > $2
            )
            INSERT INTO credential (id, office_system_id, secret_sha256) VALUES ($3, $1, $4)
            """
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = until });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7(clock.GetUtcNow()) });
        command.Parameters.Add(new() { Value = ClientSecrets.HashOf(secret) });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await RecordAsync(AuditActions.RotateSecret, true, by, id);
        return (secret, until);
    }

    public async Task<bool> SetStatusAsync(
        string id,
        string status,
        ByWhom by,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "UPDATE office_system SET status = $2 WHERE id = $1"
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = status });
        var changed = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        await RecordAsync(AuditActions.LockOfficeSystem, changed, by, id, status);
        return changed;
    }

    private Task RecordAsync(
        string action,
        bool done,
        ByWhom by,
        string officeSystem,
        string? status = null
    ) =>
        audit.RecordAsync(
            action,
            done ? AuditOutcome.Ok : AuditOutcome.Refused,
            by.Actor,
            by.Remote,
            new { officeSystem, status }
        );
}
