using System.Data;
using System.Security.Cryptography;
using Axis.Hub.Operations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// Where the bytes of a package rest: inline in PostgreSQL up to a size, above it in a file named by the SHA-256 of its
/// content. A file is complete and synced, and so is the folder entry that names it, before the row that relies on it
/// is committed; so a committed package always has its bytes. A crash in between leaves a file nobody names: harmless,
/// the same content takes its place on the next try, or <see cref="OrphanSweep"/> its room.
/// </summary>
/// <remarks>What is handed out has been checked against the SHA-256 of the acceptance.</remarks>
public sealed class PayloadStore
{
    private readonly NpgsqlDataSource _database;
    private readonly PayloadFiles _files;
    private readonly PayloadKeys _keys;
    private readonly VerifiedFiles _verified;
    private readonly HubMetrics _metrics;
    private readonly ICrashPoints _crash;
    private readonly ILogger<PayloadStore> _log;

    public PayloadStore(
        NpgsqlDataSource database,
        PayloadFiles files,
        PayloadKeys keys,
        HubMetrics metrics,
        IOptions<StorageOptions> options,
        TimeProvider clock,
        ICrashPoints crash,
        ILogger<PayloadStore> log
    )
    {
        _database = database;
        _files = files;
        _keys = keys;
        _metrics = metrics;
        _crash = crash;
        _log = log;
        _verified = new VerifiedFiles(options.Value.VerifiedFor, clock);
        InlineLimitBytes = options.Value.InlineLimitBytes;
    }

    public int InlineLimitBytes { get; }

    /// <summary>A new file for a package on its way in, on the same file system as its final place.</summary>
    public PayloadUpload CreateUpload()
    {
        var upload = new PayloadUpload(_files.CreateUpload(), _keys);
        _crash.Pass(CrashPoint.UploadBegun);
        return upload;
    }

    /// <summary>Keeps bytes that are in memory as a file, as the other overload does an upload.</summary>
    public async Task KeepAsync(
        ReadOnlyMemory<byte> bytes,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        await using var upload = CreateUpload();
        await upload.WriteAsync(bytes, cancellationToken);
        await KeepAsync(upload, sha256, cancellationToken);
    }

    /// <summary>Moves a finished upload to its content address and returns when it would survive a power cut.</summary>
    public async Task KeepAsync(
        PayloadUpload upload,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        await upload.CompleteAsync(cancellationToken);
        // Who waits for the disk holds a thread, and the pool has hardly more of them than there are processors: the
        // letters and confirms of all others would wait too.
        await Task.Factory.StartNew(
            () =>
            {
                upload.FlushToDisk();
                _files.Place(upload.Name, sha256.Span, upload.IsSealed);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        _crash.Pass(CrashPoint.PayloadKept);
    }

    /// <summary>What the row of an inline payload is to hold.</summary>
    public byte[]? Seal(byte[]? inline) =>
        inline is not null && _keys.Current is { } key
            ? PayloadSeal.Seal(inline, key, _keys[key])
            : inline;

    /// <summary>The bytes behind what the row of an inline payload holds.</summary>
    public byte[] Unseal(byte[] stored) =>
        PayloadSeal.IsSealed(stored) ? PayloadSeal.Unseal(stored, _keys) : stored;

    /// <summary>The bytes of a stored package, checked; null when there is no such package.</summary>
    /// <exception cref="PayloadUnusableException">They are not those that were accepted, or not there.</exception>
    public async Task<Stream?> OpenAsync(
        Guid packageId,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var (found, inline) = await ReadRowAsync(packageId, cancellationToken);
            return !found ? null
                : inline is not null ? OpenInline(inline, sha256.Span)
                : await OpenFileAsync(sha256, cancellationToken);
        }
        catch (PayloadUnusableException unusable)
        {
            _metrics.PayloadUnusable(unusable.Failure);
            _log.LogCritical(
                "Package {PackageId} cannot be handed out: {Reason}",
                packageId,
                unusable.Reason
            );
            throw;
        }
    }

    private async Task<(bool Found, byte[]? Inline)> ReadRowAsync(
        Guid packageId,
        CancellationToken cancellationToken
    )
    {
        await using var command = _database.CreateCommand(
            "SELECT bytes FROM payload WHERE package_id = $1"
        );
        command.Parameters.Add(new() { Value = packageId });
        await using var reader = await command.ExecuteReaderAsync(
            CommandBehavior.SingleRow,
            cancellationToken
        );
        return await reader.ReadAsync(cancellationToken)
            ? (true, reader.OrNull<byte[]>(0))
            : (false, null);
    }

    private MemoryStream OpenInline(byte[] stored, ReadOnlySpan<byte> sha256)
    {
        var plain = Unseal(stored);
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(plain, actual);
        return actual.SequenceEqual(sha256)
            ? new MemoryStream(plain, writable: false)
            : throw PayloadUnusableException.Damaged("its SHA-256 is another than at acceptance");
    }

    private async Task<Stream> OpenFileAsync(
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        var (file, isSealed) = _files.Open(sha256.Span) ?? throw PayloadUnusableException.Missing();
        var plain = isSealed
            ? await SealedStream.OpenAsync(file, _keys, cancellationToken)
            : (Stream)file;
        try
        {
            await _verified.EnsureAsync(file.Name, plain, sha256, cancellationToken);
            return plain;
        }
        catch
        {
            await plain.DisposeAsync();
            throw;
        }
    }
}
