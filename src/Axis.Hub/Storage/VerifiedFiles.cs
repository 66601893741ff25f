using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Axis.Hub.Storage;

/// <summary>
/// Which payload files were read whole and found to be what their name says. A file is checked before its first byte is
/// handed out, so that a damaged one becomes an answer in words and never a download that is wrong; what was checked a
/// while ago, or looks different since, is checked again.
/// </summary>
internal sealed class VerifiedFiles(TimeSpan validity, TimeProvider clock)
{
    private const int MaxRemembered = 4096;
    private const int BufferBytes = 128 * 1024;

    private readonly ConcurrentDictionary<string, Check> _checks = new(StringComparer.Ordinal);

    /// <summary>Hashes a file unless that was done lately. Constant memory, whatever its size.</summary>
    /// <exception cref="PayloadUnusableException">It does not have the SHA-256 that it was accepted with.</exception>
    public async Task EnsureAsync(
        string path,
        Stream plain,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        var file = new FileInfo(path);
        var seen = new Check(file.Length, file.LastWriteTimeUtc, clock.GetUtcNow());
        if (
            _checks.TryGetValue(path, out var known)
            && known.Length == seen.Length
            && known.WrittenAt == seen.WrittenAt
            && seen.CheckedAt - known.CheckedAt < validity
        )
        {
            return;
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await plain.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }
        plain.Position = 0;
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sha256.Span))
        {
            _checks.TryRemove(path, out _);
            throw PayloadUnusableException.Damaged("its SHA-256 is another than at acceptance");
        }
        if (_checks.Count >= MaxRemembered)
        {
            _checks.Clear();
        }
        _checks[path] = seen;
    }

    private sealed record Check(long Length, DateTime WrittenAt, DateTimeOffset CheckedAt);
}
