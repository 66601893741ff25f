using System.Text.RegularExpressions;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Dapper;
using Npgsql;

namespace Axis.Hub.Vxp;

/// <summary>What an operator wants of an office system's VXP door.</summary>
/// <param name="Secret">Kept as it is given; null to keep what there is, or to have the hub make the first one.</param>
/// <param name="NewSecret">The hub makes one.</param>
/// <param name="GraceHours">How long earlier secrets go on to serve once there is a new one; 24 when absent.</param>
public sealed record VxpWish(
    string? SystemId,
    string? Access,
    string? Secret = null,
    bool NewSecret = false,
    int? GraceHours = null
);

public sealed record VxpView(
    string OfficeSystem,
    string SystemId,
    string Access,
    IReadOnlyList<VxpSecretView> Secrets,
    string? Secret = null
);

/// <param name="NotAfter">Absent when the secret has no end.</param>
public sealed record VxpSecretView(DateTimeOffset CreatedAt, DateTimeOffset? NotAfter);

/// <summary>
/// Opens, limits and closes the VXP door for an office system. A secret that the hub makes is shown once, in the answer;
/// a secret never reaches a log or the audit trail.
/// </summary>
public sealed partial class VxpProvisioning(
    NpgsqlDataSource database,
    RegistryCache registry,
    SealingKey key,
    TimeProvider clock
)
{
    public const int MinSecret = 16;
    public const int MaxSecret = 200;
    public const int MaxGraceHours = 30 * 24;

    private const int DefaultGraceHours = 24;

    private const string Keep = """
        INSERT INTO vxp_client (office_system_id, system_id, access) VALUES (@officeSystem, @systemId, @access)
        ON CONFLICT (office_system_id) DO UPDATE
        SET (system_id, access, changed_at) = (excluded.system_id, excluded.access, now())
        """;

    private const string Replace = """
        UPDATE vxp_secret SET not_after = least(not_after, @until) WHERE office_system_id = @officeSystem;
        INSERT INTO vxp_secret (id, office_system_id, sealed, created_at)
        VALUES (@id, @officeSystem, @sealedSecret, @now);
        """;

    private const string Audit = """
        INSERT INTO audit (at, actor, remote, action, outcome, detail)
        VALUES (@now, @actor, @remote, @action, 'ok',
            jsonb_build_object('officeSystem', @officeSystem, 'systemId', @systemId, 'access', @access,
                'newSecret', @hasSecret))
        """;

    public async Task<VxpView?> FindAsync(
        string officeSystemId,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, officeSystemId, cancellationToken);
    }

    /// <summary>The door as it is then, with the secret if one was made; or why nothing was changed.</summary>
    public async Task<(VxpView? View, ErrorItem? Error)> SetAsync(
        string officeSystemId,
        VxpWish wish,
        string actor,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        if (registry.Current.OfficeSystem(officeSystemId) is not { } system)
        {
            return (null, RequestErrors.NotFound.At("id", officeSystemId, Words.OfficeSystem));
        }
        if (Check(system, wish) is { } error)
        {
            return (null, error);
        }
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Every change of the registry takes this lock first.
        await connection.ExecuteAsync("SELECT version FROM registry_version FOR UPDATE");
        var known = await ReadAsync(connection, system.Id, cancellationToken);
        var isMade = wish.Secret is null && (wish.NewSecret || known is not { Secrets.Count: > 0 });
        var secret = isMade ? ClientSecrets.Create() : wish.Secret;
        if (secret is not null && !key.IsThere)
        {
            return (null, VxpErrors.NoKeyFile.At());
        }
        try
        {
            await WriteAsync(connection, system.Id, wish, secret, actor, remote);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return (null, VxpErrors.SystemIdTaken.At("systemId", wish.SystemId, wish.SystemId!));
        }
        var view = await ReadAsync(connection, system.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await registry.RefreshAsync(cancellationToken);
        return (view! with { Secret = isMade ? secret : null }, null);
    }

    private static ErrorItem? Check(OfficeSystem system, VxpWish wish)
    {
        if (wish.SystemId is not { } systemId || !SystemIdForm().IsMatch(systemId))
        {
            return Bad(
                "systemId",
                wish.SystemId,
                "1 to 64 letters, digits, dots, hyphens, underscores"
            );
        }
        if (
            wish.Access is not { } access
            || !Enum.TryParse<VxpAccess>(access, ignoreCase: true, out var parsed)
            || RegistryNames.Of(parsed) != access
        )
        {
            return Bad(
                "access",
                wish.Access,
                new Words("on, receive or off", "on, receive hoặc off")
            );
        }
        if (
            wish.Secret is { } secret
            && (
                secret.Length is < MinSecret or > MaxSecret
                || secret.Any(letter => letter is <= ' ' or > '~')
            )
        )
        {
            // The value is not repeated: it is nearly a secret.
            return Bad(
                "secret",
                null,
                new Words(
                    $"{MinSecret} to {MaxSecret} printable ASCII characters without blanks",
                    $"{MinSecret} đến {MaxSecret} ký tự ASCII in được, không có khoảng trắng"
                )
            );
        }
        if (wish.GraceHours is < 0 or > MaxGraceHours)
        {
            return Bad("graceHours", null, Words.Range(0, MaxGraceHours));
        }
        return system.InboxDoor == Door.Amqp && parsed != VxpAccess.Off
            ? VxpErrors.InboxIsAQueue.At("id", system.Id, system.Id)
            : null;

        static ErrorItem Bad(string name, string? value, object expected) =>
            RequestErrors.BadParameter.At(name, value, name, expected);
    }

    private async Task WriteAsync(
        NpgsqlConnection connection,
        string officeSystem,
        VxpWish wish,
        string? secret,
        string actor,
        string? remote
    )
    {
        var now = clock.GetUtcNow();
        await connection.ExecuteAsync(
            Keep,
            new
            {
                officeSystem,
                wish.SystemId,
                wish.Access,
            }
        );
        if (secret is not null)
        {
            var id = Guid.CreateVersion7(now);
            await connection.ExecuteAsync(
                Replace,
                new
                {
                    officeSystem,
                    until = now.AddHours(wish.GraceHours ?? DefaultGraceHours),
                    id,
                    sealedSecret = key.Seal(secret, officeSystem, id),
                    now,
                }
            );
        }
        await connection.ExecuteAsync(
            Audit,
            new
            {
                now,
                actor,
                remote,
                action = AuditActions.ProvisionVxp,
                officeSystem,
                wish.SystemId,
                wish.Access,
                hasSecret = secret is not null,
            }
        );
    }

    private async Task<VxpView?> ReadAsync(
        NpgsqlConnection connection,
        string officeSystem,
        CancellationToken cancellationToken
    )
    {
        var client = await connection.QuerySingleOrDefaultAsync<(string SystemId, string Access)?>(
            new CommandDefinition(
                "SELECT system_id, access FROM vxp_client WHERE office_system_id = @officeSystem",
                new { officeSystem },
                cancellationToken: cancellationToken
            )
        );
        if (client is not { } found)
        {
            return null;
        }
        var secrets = await connection.QueryAsync<(DateTime CreatedAt, DateTime? NotAfter)>(
            new CommandDefinition(
                """
                SELECT created_at, nullif(not_after, 'infinity') FROM vxp_secret
                WHERE office_system_id = @officeSystem AND not_after > @now ORDER BY created_at DESC
                """,
                new { officeSystem, now = clock.GetUtcNow() },
                cancellationToken: cancellationToken
            )
        );
        return new VxpView(
            officeSystem,
            found.SystemId,
            found.Access,
            [
                .. secrets.Select(secret => new VxpSecretView(
                    new DateTimeOffset(secret.CreatedAt, TimeSpan.Zero),
                    secret.NotAfter is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : null
                )),
            ]
        );
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex SystemIdForm();
}
