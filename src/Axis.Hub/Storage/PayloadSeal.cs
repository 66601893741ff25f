using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Axis.Hub.Storage;

/// <summary>
/// The form of an encrypted payload: a header that names the key, then chunks of AES-256-GCM. No edXML begins like it.
/// </summary>
/// <remarks>
/// header = "AXE1", length of the key id (1 byte), key id, 32 random bytes. Every payload has a key of its own, derived
/// from the named one and the random bytes (HKDF-SHA256), so that the chunk's number can be the nonce and none ever comes
/// twice. The header and whether a chunk is the last are authenticated with each chunk: chunks cannot be swapped, taken
/// from another payload, or cut off at the end.
/// </remarks>
internal sealed class PayloadSeal : IDisposable
{
    /// <summary>Plain bytes in a chunk; only the last has fewer.</summary>
    public const int ChunkBytes = 64 * 1024;
    public const int TagBytes = 16;
    private const int SaltBytes = 32;
    private const int NonceBytes = 12;

    private static readonly byte[] Magic = "AXE1"u8.ToArray();
    private static readonly byte[] Purpose = "axis payload"u8.ToArray();

    private readonly AesGcm _cipher;
    private readonly byte[] _context;

    private PayloadSeal(byte[] header, ReadOnlySpan<byte> key)
    {
        Header = header;
        Span<byte> own = stackalloc byte[PayloadKeys.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, own, header.AsSpan(^SaltBytes..), Purpose);
        _cipher = new AesGcm(own, TagBytes);
        CryptographicOperations.ZeroMemory(own);
        _context = [.. header, 0];
    }

    public byte[] Header { get; }

    public static PayloadSeal Create(string keyId, ReadOnlySpan<byte> key)
    {
        var id = Encoding.UTF8.GetBytes(keyId);
        return new PayloadSeal(
            [.. Magic, (byte)id.Length, .. id, .. RandomNumberGenerator.GetBytes(SaltBytes)],
            key
        );
    }

    public static bool IsSealed(ReadOnlySpan<byte> beginning) => beginning.StartsWith(Magic);

    /// <summary>The longest header there is: enough of a payload to open it.</summary>
    public const int LongestHeader = 4 + 1 + 255 + SaltBytes;

    /// <exception cref="PayloadUnusableException">The key is not there, or this is no such header.</exception>
    public static PayloadSeal Open(ReadOnlySpan<byte> beginning, PayloadKeys keys)
    {
        if (!TryReadHeader(beginning, out var header, out var keyId))
        {
            throw PayloadUnusableException.Damaged("its header is cut off");
        }
        return keys.TryFind(keyId, out var key)
            ? new PayloadSeal(header, key)
            : throw PayloadUnusableException.WithoutKey(keyId);
    }

    /// <summary>A whole payload that is in memory.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> plain, string keyId, ReadOnlySpan<byte> key)
    {
        using var seal = Create(keyId, key);
        var chunks = Math.Max(1, (plain.Length + ChunkBytes - 1) / ChunkBytes);
        var output = new byte[seal.Header.Length + plain.Length + (chunks * TagBytes)];
        seal.Header.CopyTo(output, 0);
        var at = seal.Header.Length;
        for (var i = 0; i < chunks; i++)
        {
            var part = plain[(i * ChunkBytes)..Math.Min(plain.Length, (i + 1) * ChunkBytes)];
            seal.SealChunk(i, i == chunks - 1, part, output.AsSpan(at, part.Length + TagBytes));
            at += part.Length + TagBytes;
        }
        return output;
    }

    public static byte[] Unseal(ReadOnlySpan<byte> stored, PayloadKeys keys)
    {
        using var seal = Open(stored, keys);
        var rest = stored[seal.Header.Length..];
        var chunks = ChunksIn(rest.Length);
        var plain = new byte[rest.Length - (chunks * TagBytes)];
        for (var i = 0; i < chunks; i++)
        {
            var part = rest[(int)StartOf(i)..(int)Math.Min(rest.Length, StartOf(i + 1))];
            seal.UnsealChunk(
                i,
                i == chunks - 1,
                part,
                plain.AsSpan(i * ChunkBytes, part.Length - TagBytes)
            );
        }
        return plain;
    }

    public static int ChunksIn(long sealedBytes)
    {
        var chunks = (sealedBytes + ChunkBytes + TagBytes - 1) / (ChunkBytes + TagBytes);
        return
            sealedBytes >= TagBytes
            && sealedBytes - ((chunks - 1) * (ChunkBytes + TagBytes)) >= TagBytes
            ? checked((int)chunks)
            : throw PayloadUnusableException.Damaged("it is cut off");
    }

    /// <summary>Where a chunk begins after the header.</summary>
    public static long StartOf(long chunk) => chunk * (ChunkBytes + TagBytes);

    public void SealChunk(int number, bool isLast, ReadOnlySpan<byte> plain, Span<byte> output) =>
        _cipher.Encrypt(
            NonceOf(number, stackalloc byte[NonceBytes]),
            plain,
            output[..plain.Length],
            output[plain.Length..],
            Context(isLast)
        );

    /// <exception cref="PayloadUnusableException">The bytes are not those that were written.</exception>
    public void UnsealChunk(int number, bool isLast, ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        try
        {
            _cipher.Decrypt(
                NonceOf(number, stackalloc byte[NonceBytes]),
                stored[..^TagBytes],
                stored[^TagBytes..],
                plain,
                Context(isLast)
            );
        }
        catch (AuthenticationTagMismatchException)
        {
            throw PayloadUnusableException.Damaged($"chunk {number} does not authenticate");
        }
    }

    public void Dispose() => _cipher.Dispose();

    private ReadOnlySpan<byte> Context(bool isLast)
    {
        _context[^1] = isLast ? (byte)1 : (byte)0;
        return _context;
    }

    private static Span<byte> NonceOf(int number, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt32BigEndian(nonce[^4..], number);
        return nonce;
    }

    private static bool TryReadHeader(
        ReadOnlySpan<byte> beginning,
        [NotNullWhen(true)] out byte[]? header,
        [NotNullWhen(true)] out string? keyId
    )
    {
        (header, keyId) = (null, null);
        var fixedBytes = Magic.Length + 1;
        if (beginning.Length < fixedBytes || !IsSealed(beginning))
        {
            return false;
        }
        var length = beginning[Magic.Length];
        if (beginning.Length < fixedBytes + length + SaltBytes)
        {
            return false;
        }
        keyId = Encoding.UTF8.GetString(beginning.Slice(fixedBytes, length));
        header = beginning[..(fixedBytes + length + SaltBytes)].ToArray();
        return true;
    }
}
