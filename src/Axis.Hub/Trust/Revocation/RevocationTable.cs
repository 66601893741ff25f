using Axis.Signatures;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Trust.Revocation;

/// <summary>A certificate that is due to be asked about.</summary>
public sealed record DueCertificate(byte[] Thumbprint, byte[] Certificate, byte[] Issuer);

/// <summary>The tables behind the memory: shared by all nodes. Whatever is audited here is audited once.</summary>
public sealed class RevocationTable(NpgsqlDataSource database)
{
    private const int ClaimAtOnce = 50;

    // A node that dies while it asks: somebody else asks after this time.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>Rows go in sorted by key, so that two nodes that meet take their locks in the same order.</summary>
    private const string Add = """
        INSERT INTO watched_certificate (thumbprint, der, issuer_der, subject, not_after, first_seen, next_check_at)
        SELECT thumbprint, der, issuer_der, subject, not_after, $6, $6
        FROM unnest($1, $2, $3, $4, $5) AS s (thumbprint, der, issuer_der, subject, not_after)
        ORDER BY thumbprint
        ON CONFLICT DO NOTHING
        """;

    private const string AuditUnchecked = """
        WITH due AS (
            SELECT thumbprint FROM watched_certificate
            WHERE thumbprint = ANY ($1) AND unchecked_audited_at IS NULL AND status <> 'revoked'
                AND coalesce(fresh_until, '-infinity') < $2
            ORDER BY thumbprint FOR UPDATE
        ),
        marked AS (
            UPDATE watched_certificate w SET unchecked_audited_at = $2, changed_at = clock_timestamp()
            FROM due WHERE w.thumbprint = due.thumbprint
            RETURNING w.*
        )
        INSERT INTO audit (at, actor, action, outcome, detail)
        SELECT $2, 'hub', 'certificate.unchecked', 'ok', jsonb_strip_nulls(jsonb_build_object(
            'thumbprint', encode(thumbprint, 'hex'), 'subject', subject, 'freshUntil', fresh_until,
            'firstSeen', first_seen, 'graceEnds', coalesce(fresh_until, first_seen) + $3, 'lastError', last_error))
        FROM marked ORDER BY thumbprint
        """;

    private const string AuditOverdue = """
        WITH due AS (
            SELECT thumbprint FROM watched_certificate
            WHERE unchecked_audited_at IS NOT NULL AND overdue_audited_at IS NULL AND status <> 'revoked'
                AND coalesce(fresh_until, first_seen) + $2 < $1
            ORDER BY thumbprint FOR UPDATE
        ),
        marked AS (
            UPDATE watched_certificate w SET overdue_audited_at = $1, changed_at = clock_timestamp()
            FROM due WHERE w.thumbprint = due.thumbprint
            RETURNING w.*
        )
        INSERT INTO audit (at, actor, action, outcome, detail)
        SELECT $1, 'hub', 'certificate.overdue', $3, jsonb_strip_nulls(jsonb_build_object(
            'thumbprint', encode(thumbprint, 'hex'), 'subject', subject, 'freshUntil', fresh_until,
            'firstSeen', first_seen, 'lastError', last_error))
        FROM marked ORDER BY thumbprint
        """;

    private const string Claim = """
        WITH due AS (
            SELECT thumbprint FROM watched_certificate WHERE next_check_at <= $1
            ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED
        )
        UPDATE watched_certificate w SET next_check_at = $2 FROM due WHERE w.thumbprint = due.thumbprint
        RETURNING w.thumbprint, w.der, w.issuer_der
        """;

    // An authority may take back a certificate's hold, but an older word never undoes a revocation.
    private const string Answered = """
        WITH before AS (
            SELECT thumbprint, status, unchecked_audited_at FROM watched_certificate WHERE thumbprint = $1 FOR UPDATE
        ),
        answered AS (
            UPDATE watched_certificate w
            SET status = CASE WHEN $2 THEN 'revoked' ELSE 'good' END, revoked_at = $3,
                this_update = greatest(w.this_update, $4), fresh_until = greatest(w.fresh_until, $5), source = $6,
                checked_at = $7, next_check_at = $8, failures = 0, failing_since = NULL, last_error = NULL,
                unchecked_audited_at = NULL, overdue_audited_at = NULL, changed_at = clock_timestamp()
            FROM before b
            WHERE w.thumbprint = b.thumbprint AND ($2 OR w.status <> 'revoked' OR w.this_update < $4)
            RETURNING w.thumbprint, w.subject, b.status AS former_status, b.unchecked_audited_at AS unchecked_since
        ),
        lines AS (
            INSERT INTO audit (at, actor, action, outcome, detail)
            SELECT $7, 'hub', CASE WHEN $2 THEN 'certificate.revoked' ELSE 'certificate.answered' END, 'ok',
                jsonb_strip_nulls(jsonb_build_object('thumbprint', encode(thumbprint, 'hex'), 'subject', subject,
                    'revokedAt', $3, 'source', $6, 'uncheckedSince', unchecked_since))
            FROM answered WHERE ($2 AND former_status <> 'revoked') OR unchecked_since IS NOT NULL
        )
        SELECT count(*) FROM answered
        """;

    private const string Failed = """
        UPDATE watched_certificate
        SET failures = failures + 1, failing_since = coalesce(failing_since, $2), last_error = $3,
            next_check_at = least($2 + $4 * power(2, least(failures, 20)), $2 + $5), changed_at = clock_timestamp()
        WHERE thumbprint = $1
        """;

    // The few minutes before are read again: a change may commit later than one that has a later time.
    private const string Changes = """
        SELECT encode(thumbprint, 'hex'), status = 'revoked', revoked_at, fresh_until, first_seen,
            unchecked_audited_at IS NOT NULL, changed_at
        FROM watched_certificate WHERE changed_at >= $1
        """;

    public async Task AddAsync(
        IReadOnlyCollection<Sighting> sightings,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        await ExecuteAsync(
            Add,
            cancellation,
            sightings.Select(one => Convert.FromHexString(one.Thumbprint)).ToArray(),
            sightings.Select(one => one.Certificate).ToArray(),
            sightings.Select(one => one.Issuer).ToArray(),
            sightings.Select(one => one.Subject).ToArray(),
            sightings.Select(one => one.NotAfter).ToArray(),
            now
        );

    /// <summary>Puts on record, once for each outage, that signatures of these certificates are taken unchecked.</summary>
    public Task AuditUncheckedAsync(
        IEnumerable<string> thumbprints,
        DateTimeOffset now,
        TimeSpan grace,
        CancellationToken cancellation
    ) =>
        ExecuteAsync(
            AuditUnchecked,
            cancellation,
            thumbprints.Select(Convert.FromHexString).ToArray(),
            now,
            grace
        );

    /// <summary>Puts on record, once for each outage, that the grace of certificates in use has run out.</summary>
    public Task AuditOverdueAsync(
        DateTimeOffset now,
        TimeSpan grace,
        AfterGrace then,
        CancellationToken cancellation
    ) =>
        ExecuteAsync(
            AuditOverdue,
            cancellation,
            now,
            grace,
            then == AfterGrace.Refuse ? "refused" : "ok"
        );

    /// <summary>Takes certificates whose time has come; nobody else takes them for a while.</summary>
    public async Task<IReadOnlyList<DueCertificate>> ClaimAsync(
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var command = Command(Claim, now, now + Lease, ClaimAtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<DueCertificate>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(
                new(
                    reader.GetFieldValue<byte[]>(0),
                    reader.GetFieldValue<byte[]>(1),
                    reader.GetFieldValue<byte[]>(2)
                )
            );
        }
        return due;
    }

    /// <summary>False when what is known is newer and says "revoked".</summary>
    public async Task<bool> AnsweredAsync(
        DueCertificate certificate,
        RevocationFinding finding,
        DateTimeOffset freshUntil,
        DateTimeOffset now,
        DateTimeOffset next,
        CancellationToken cancellation
    )
    {
        await using var command = Command(
            Answered,
            certificate.Thumbprint,
            finding.IsRevoked,
            Instant(finding.RevokedAt),
            finding.ThisUpdate.ToUniversalTime(),
            freshUntil.ToUniversalTime(),
            finding.Source,
            now,
            next
        );
        return (long)(await command.ExecuteScalarAsync(cancellation))! == 1;
    }

    public Task FailedAsync(
        DueCertificate certificate,
        string reason,
        DateTimeOffset now,
        RevocationOptions options,
        CancellationToken cancellation
    ) =>
        ExecuteAsync(
            Failed,
            cancellation,
            certificate.Thumbprint,
            now,
            reason,
            options.FirstRetry,
            options.LongestRetry
        );

    /// <summary>Never again: the certificate has expired.</summary>
    public Task RetireAsync(DueCertificate certificate, CancellationToken cancellation) =>
        ExecuteAsync(
            "UPDATE watched_certificate SET next_check_at = 'infinity' WHERE thumbprint = $1",
            cancellation,
            certificate.Thumbprint
        );

    /// <summary>Tells what changed since; returns the latest change's time, for the next call.</summary>
    public async Task<DateTimeOffset> ReadChangesAsync(
        DateTimeOffset since,
        Action<string, KnownCertificate> learn,
        CancellationToken cancellation
    )
    {
        await using var command = Command(Changes, since);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var latest = since;
        while (await reader.ReadAsync(cancellation))
        {
            learn(
                reader.GetString(0),
                new KnownCertificate(
                    reader.GetBoolean(1),
                    await TimeAsync(2),
                    await TimeAsync(3),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.GetBoolean(5)
                )
            );
            var changed = reader.GetFieldValue<DateTimeOffset>(6);
            latest = changed > latest ? changed : latest;
        }
        return latest;

        async Task<DateTimeOffset?> TimeAsync(int column) =>
            await reader.IsDBNullAsync(column, cancellation)
                ? null
                : reader.GetFieldValue<DateTimeOffset>(column);
    }

    public async Task<byte[]?> ListAsync(
        byte[] issuerSha256,
        Uri address,
        DateTimeOffset fetchedSince,
        CancellationToken cancellation
    )
    {
        await using var command = Command(
            "SELECT der FROM revocation_list WHERE issuer_sha256 = $1 AND address = $2 AND fetched_at > $3",
            issuerSha256,
            address.AbsoluteUri,
            fetchedSince
        );
        return await command.ExecuteScalarAsync(cancellation) as byte[];
    }

    public Task KeepListAsync(
        byte[] issuerSha256,
        Uri address,
        byte[] encoded,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        ExecuteAsync(
            """
            INSERT INTO revocation_list (issuer_sha256, address, der, fetched_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (issuer_sha256, address) DO UPDATE SET der = excluded.der, fetched_at = excluded.fetched_at
            """,
            cancellation,
            issuerSha256,
            address.AbsoluteUri,
            encoded,
            now
        );

    private static NpgsqlParameter Instant(DateTimeOffset? instant) =>
        new()
        {
            NpgsqlDbType = NpgsqlDbType.TimestampTz,
            Value = (object?)instant?.ToUniversalTime() ?? DBNull.Value,
        };

    private async Task ExecuteAsync(
        string sql,
        CancellationToken cancellation,
        params object[] values
    )
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(
                value as NpgsqlParameter ?? new NpgsqlParameter { Value = value }
            );
        }
        return command;
    }
}
