using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access.Issuers;

/// <summary>
/// The keys of one external issuer, by OpenID Connect discovery. Known keys serve while the issuer is away. New ones are
/// asked for when a token names a key that is not known, at most once a minute, and every hour; one request at a time,
/// and nobody waits for it who has a key.
/// </summary>
public sealed class IssuerKeys(
    ExternalIssuer issuer,
    HttpClient http,
    TimeProvider clock,
    ILogger<IssuerKeys> log
) : IDisposable
{
    private const int MostKeys = 50;
    private static readonly TimeSpan LeastPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostAge = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _one = new(1);
    private volatile Known _known = new([], default, default);

    /// <summary>
    /// The key of that id; null when the issuer has none, or cannot be asked. Without an id: its only key.
    /// </summary>
    public async Task<SecurityKey?> FindAsync(string? keyId, CancellationToken cancellationToken)
    {
        var known = _known;
        var found = Pick(known, keyId);
        var now = clock.GetUtcNow();
        if (found is null && now - known.TriedAt >= LeastPause)
        {
            await RefreshAsync(known, cancellationToken);
            return Pick(_known, keyId);
        }
        if (found is not null && now - known.ReadAt >= MostAge && now - known.TriedAt >= LeastPause)
        {
            // The key at hand is good; whether it still is for the next hour is found out beside.
            _ = RefreshAsync(known, CancellationToken.None);
        }
        return found;
    }

    public void Dispose() => _one.Dispose();

    private static JsonWebKey? Pick(Known known, string? keyId) =>
        keyId is null
            ? known.Keys is [var only]
                ? only
                : null
            : known.Keys.FirstOrDefault(key => key.Kid == keyId);

    private async Task RefreshAsync(Known seen, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(_known, seen))
            {
                // Somebody else asked while this one waited.
                return;
            }
            var now = clock.GetUtcNow();
            try
            {
                _known = new Known(await ReadAsync(cancellationToken), now, now);
            }
            catch (Exception failure)
                when (failure is not OperationCanceledException
                    || !cancellationToken.IsCancellationRequested
                )
            {
                // Whatever it is: the known keys stay, and the issuer is not asked again at once.
                log.LogWarning(
                    "The keys of {Issuer} could not be read, {Count} known ones stay: {Failure}",
                    issuer.Name,
                    seen.Keys.Count,
                    failure.Message
                );
                _known = seen with { TriedAt = now };
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<IReadOnlyList<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
    {
        var discovery = JsonSerializer.Deserialize<JsonElement>(
            await http.GetByteArrayAsync(
                new Uri(issuer.Name.TrimEnd('/') + "/.well-known/openid-configuration"),
                cancellationToken
            )
        );
        // OpenID Connect Discovery section 4.3: the document must be about the issuer that was asked.
        if (TextOf(discovery, "issuer") != issuer.Name)
        {
            throw new InvalidDataException("its discovery document names another issuer");
        }
        if (
            !Uri.TryCreate(TextOf(discovery, "jwks_uri"), UriKind.Absolute, out var address)
            || address.Scheme != issuer.Issuer!.Scheme
        )
        {
            throw new InvalidDataException("its discovery document names no usable jwks_uri");
        }
        var set = JsonSerializer.Deserialize<JsonElement>(
            await http.GetByteArrayAsync(address, cancellationToken)
        );
        if (
            set.ValueKind != JsonValueKind.Object
            || !set.TryGetProperty("keys", out var keys)
            || keys.ValueKind != JsonValueKind.Array
        )
        {
            throw new InvalidDataException("its key set is none");
        }
        return
        [
            .. keys.EnumerateArray()
                .Take(MostKeys)
                .Where(IsUsable)
                .Select(KeyOf)
                .OfType<JsonWebKey>(),
        ];
    }

    // One that cannot be read costs none of those beside it.
    private JsonWebKey? KeyOf(JsonElement key)
    {
        try
        {
            return new JsonWebKey(key.GetRawText());
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            log.LogWarning(
                "A key of {Issuer} cannot be read and is left out: {Failure}",
                issuer.Name,
                failure.Message
            );
            return null;
        }
    }

    // Public keys for signatures: a symmetric key in a public document would be nobody's secret.
    private static bool IsUsable(JsonElement key) =>
        key.ValueKind == JsonValueKind.Object
        && (TextOf(key, "kty") is "RSA" or "EC")
        && (TextOf(key, "use") is null or "sig");

    private static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private sealed record Known(
        IReadOnlyList<JsonWebKey> Keys,
        DateTimeOffset ReadAt,
        DateTimeOffset TriedAt
    );
}
