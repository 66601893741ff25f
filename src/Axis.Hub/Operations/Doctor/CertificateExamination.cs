using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Access;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations.Doctor;

/// <summary>
/// Certificates that end soon: of the hub's listener, where one is set, and of the agencies that sign. And the key that
/// signs access tokens: for the hub's account alone.
/// </summary>
public sealed class CertificateExamination(
    NpgsqlDataSource database,
    IConfiguration configuration,
    IOptions<AccessOptions> access,
    TimeProvider clock
) : IExamination
{
    private const string ListenerCertificate =
        $"{ListenerOptions.Section}:{nameof(ListenerOptions.CertificateFile)}";

    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    // An agency that has a later certificate beside the old one has nothing to do.
    private const string Ending = """
        SELECT count(*) FILTER (WHERE last < $1), count(*) FILTER (WHERE last >= $1 AND last < $2), min(name)
        FROM (
            SELECT a.name, max(c.not_after) AS last
            FROM certificate c JOIN agency a ON a.id = c.agency_id
            WHERE a.status = 'active' AND c.revoked_at = 'infinity' GROUP BY a.id, a.name
        ) AS agency
        WHERE last < $2
        """;

    public string Subject => "certificates";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<Finding> findings = [SigningKey(), await AgenciesAsync(now, cancellationToken)];
        if (configuration[ListenerCertificate] is { Length: > 0 } file)
        {
            findings.Add(OfListener(file, now));
        }
        return findings;
    }

    /// <summary>How long a certificate still holds.</summary>
    public static Finding Judge(string subject, X509Certificate2 certificate, DateTimeOffset now)
    {
        var until = new DateTimeOffset(certificate.NotAfter);
        var said = $"{certificate.Subject} holds until {until:yyyy-MM-dd}";
        return until <= now ? Finding.Unsafe(subject, said, "Put a new certificate in its place.")
            : until - now < Soon
                ? Finding.Warning(
                    subject,
                    said,
                    "Put a new certificate in its place before that day."
                )
            : Finding.Ok(subject, said);
    }

    private Finding SigningKey()
    {
        const string Name = "certificates.signing_key";
        var file = access.Value.SigningKeyFile;
        if (!File.Exists(file))
        {
            return Finding.Warning(
                Name,
                $"{file} is not there",
                "The hub makes it at its first start; with several nodes, give all of them the same."
            );
        }
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return
            !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(file) & Others) != UnixFileMode.None
            ? Finding.Unsafe(
                Name,
                $"{file} can be read by others than the hub's account",
                $"chmod 600 {file}"
            )
            : Finding.Ok(Name, "for the hub's account alone");
    }

    private async Task<Finding> AgenciesAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        const string Name = "certificates.agencies";
        await using var command = database.CreateCommand(Ending);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = now + Soon });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (ended, ending) = (reader.GetInt64(0), reader.GetInt64(1));
        return ended + ending == 0
            ? Finding.Ok(Name, "none ends within 30 days")
            : Finding.Warning(
                Name,
                $"of {ended} agencies the last one has ended, of {ending} it ends within 30 days; the first: {reader.GetString(2)}",
                "Register their new certificates; letters signed after the end are refused (AXIS-4004)."
            );
    }

    /// <summary>The first certificate of a PEM file: the hub's own, before its chain.</summary>
    public static Finding OfListener(string file, DateTimeOffset now)
    {
        const string Name = "certificates.listener";
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            return Judge(Name, certificate, now);
        }
        catch (Exception failure)
            when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return Finding.Unsafe(
                Name,
                $"{file} cannot be read: {failure.Message}",
                $"Mend {ListenerCertificate}."
            );
        }
    }
}
