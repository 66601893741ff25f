using System.Security.Cryptography;
using Axis.Signatures;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access;

/// <summary>
/// The P-256 keys of the hub, from one PEM file that all nodes share: the first private key signs, every private key
/// verifies tokens, public keys only verify the audit log's checkpoints. The first node to start makes the file,
/// readable by its owner alone; a file that other users of the machine can read is refused, because whoever reads it can
/// be anybody. A running hub reads the file again when it has changed, and keeps the keys that it has when it cannot: it
/// never makes another, which no other node would know, and which would be gone when the file is back.
/// </summary>
public sealed class TokenKeys : IDisposable
{
    private const string Setting =
        $"{AccessOptions.Section}:{nameof(AccessOptions.SigningKeyFile)}";

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _file;
    private readonly TimeProvider _clock;
    private readonly ILogger<TokenKeys> _log;
    private volatile KeySet _current;
    private FileVersion _version;
    private long _lookedAt;
    private string? _failure;

    public TokenKeys(IOptions<AccessOptions> options, TimeProvider clock, ILogger<TokenKeys> log)
    {
        _file = Path.GetFullPath(options.Value.SigningKeyFile);
        _clock = clock;
        _log = log;
        _lookedAt = clock.GetTimestamp();
        _current = Parse(KeyFile.ReadOrCreate(_file, Setting, PemKeys.CreateOne));
        _version = FileVersion.Of(_file);
    }

    /// <summary>The keys in force. The same object as long as the file does not change.</summary>
    public KeySet Current
    {
        get
        {
            if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= LookInterval)
            {
                LookAgain();
            }
            return _current;
        }
    }

    /// <summary>Takes a changed file into force now. What cannot be read changes nothing.</summary>
    public void LookAgain()
    {
        lock (_lock)
        {
            Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
            try
            {
                var version = FileVersion.Of(_file);
                if (version != _version)
                {
                    _current = Parse(KeyFile.Read(_file, Setting));
                    _version = version;
                    _log.LogInformation(
                        "Token keys read again: {Signing} signs, {Count} verify",
                        _current.Signing.KeyId,
                        _current.Verifying.Count
                    );
                }
                _failure = null;
            }
            catch (Exception failure)
            {
                // Whatever it is: a file that cannot be read must cost no request. It is said once.
                if (_failure != failure.Message)
                {
                    _failure = failure.Message;
                    _log.LogError("The token keys stay as they were: {Failure}", failure.Message);
                }
            }
        }
    }

    public void Dispose()
    {
        // Keys that were replaced may still be in a request's hands; the collector takes them.
        foreach (var key in _current.Published)
        {
            key.ECDsa.Dispose();
        }
    }

    private KeySet Parse(string pem)
    {
        var where = $"{Setting} {_file}";
        var keys = PemKeys.Read(pem, where);
        ECDsaSecurityKey[] own = [.. keys.Where(key => key.IsPrivate).Select(KeyOf)];
        return own.Length == 0
            ? throw PemKeys.Unusable(where, null)
            : new KeySet(own[0], own, [.. own, .. keys.Where(key => !key.IsPrivate).Select(KeyOf)]);

        static ECDsaSecurityKey KeyOf(PemKey key) =>
            new(key.Key)
            {
                KeyId = Base64UrlEncoder.Encode(
                    SHA256.HashData(key.Key.ExportSubjectPublicKeyInfo())[..12]
                ),
                // The library's own cache is for the whole process and by key id: it would hand the next hub in this
                // process a provider over the key that this one has disposed of.
                CryptoProviderFactory = new CryptoProviderFactory
                {
                    CacheSignatureProviders = false,
                },
            };
    }
}

/// <summary>The keys at one moment.</summary>
/// <param name="Signing">Signs tokens and checkpoints.</param>
/// <param name="Verifying">Verify tokens.</param>
/// <param name="Published">Verify checkpoints: the above and the retired ones.</param>
public sealed record KeySet(
    ECDsaSecurityKey Signing,
    IReadOnlyList<ECDsaSecurityKey> Verifying,
    IReadOnlyList<ECDsaSecurityKey> Published
);
