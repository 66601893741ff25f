using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>What the data element of an attachment holds.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AttachmentData(
    long Start,
    long End,
    long Size,
    ContentKind Kind,
    AttachmentDamage Damage,
    byte[]? Sha256
);

/// <summary>Looks at base64 text as it streams by: counts, checks, keeps the first and last bytes; decodes all of it only on request.</summary>
internal sealed class AttachmentProbe(AttachmentDetail detail) : IDisposable
{
    private const int HeadChars = 4096 / 3 * 4 + 4;
    private const int TailChars = 2048;
    private const int BlockChars = 16 * 1024;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8
    );

    private byte[]? _buffer;
    private int _head;
    private long _chars;
    private int _padding;
    private bool _bad;
    private int _replacements;
    private byte[]? _block;
    private int _blockLength;
    private IncrementalHash? _hash;

    internal void Begin()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(HeadChars + TailChars);
        _head = 0;
        _chars = 0;
        _padding = 0;
        _bad = false;
        _replacements = 0;
        _blockLength = 0;
        if (detail == AttachmentDetail.Full)
        {
            _block ??= ArrayPool<byte>.Shared.Rent(BlockChars);
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
    }

    internal void Append(ReadOnlySpan<byte> raw)
    {
        while (!raw.IsEmpty)
        {
            var n = raw.IndexOfAnyExcept(Alphabet);
            if (n != 0)
            {
                var run = n < 0 ? raw : raw[..n];
                AddRun(run);
                if (n < 0)
                    return;
                raw = raw[n..];
            }
            var used = 1;
            if (raw[0] == (byte)'=')
            {
                _padding++;
            }
            else if (raw[0] == (byte)'&')
            {
                // Java serialisers write line ends inside base64 as &#13;.
                used = raw.IndexOf((byte)';') + 1;
                if (used == 0 || XmlText.TryReference(raw[..used], out var c) != XmlErrorKind.None)
                {
                    _bad = true;
                    return;
                }
                if (c < 128)
                    Append([(byte)c]);
                else
                    _bad = true;
            }
            else if (!XmlChars.IsSpace(raw[0]))
            {
                _bad = true;
            }
            raw = raw[used..];
        }
    }

    private void AddRun(ReadOnlySpan<byte> run)
    {
        // Letters after padding: two base64 texts run together, or garbage.
        _bad |= _padding > 0;
        if (_head < HeadChars)
        {
            var take = Math.Min(HeadChars - _head, run.Length);
            run[..take].CopyTo(_buffer.AsSpan(_head));
            _head += take;
        }
        KeepTail(run);
        _chars += run.Length;
        if (_hash is not null && detail == AttachmentDetail.Full)
            DecodeRun(run);
    }

    /// <summary>The tail is a ring addressed by the number of characters before it.</summary>
    private void KeepTail(ReadOnlySpan<byte> run)
    {
        var skipped = Math.Max(0, run.Length - TailChars);
        var at = (int)((_chars + skipped) % TailChars);
        run = run[skipped..];
        var ring = _buffer.AsSpan(HeadChars, TailChars);
        var first = Math.Min(run.Length, TailChars - at);
        run[..first].CopyTo(ring[at..]);
        run[first..].CopyTo(ring);
    }

    private void DecodeRun(ReadOnlySpan<byte> run)
    {
        while (!run.IsEmpty)
        {
            var take = Math.Min(BlockChars - _blockLength, run.Length);
            run[..take].CopyTo(_block.AsSpan(_blockLength));
            _blockLength += take;
            run = run[take..];
            if (_blockLength == BlockChars)
                DecodeBlock();
        }
    }

    private void DecodeBlock()
    {
        var length = DecodeInPlace(_block.AsSpan(0, _blockLength));
        var bytes = _block.AsSpan(0, length);
        _hash!.AppendData(bytes);
        _replacements += ContentSniffer.CountReplacements(bytes);
        _blockLength = 0;
    }

    /// <summary>Decodes letters without padding; a last group of two or three gives one or two bytes.</summary>
    private static int DecodeInPlace(Span<byte> letters)
    {
        var whole = letters.Length / 4 * 4;
        Base64.DecodeFromUtf8InPlace(letters[..whole], out var written);
        var rest = letters[whole..];
        if (rest.Length >= 2)
        {
            Span<byte> group = [rest[0], rest[1], rest.Length > 2 ? rest[2] : (byte)'A', (byte)'A'];
            Base64.DecodeFromUtf8InPlace(group, out _);
            var extra = rest.Length - 1;
            group[..extra].CopyTo(letters[written..]);
            written += extra;
        }
        return written;
    }

    internal AttachmentData End(long start, long end)
    {
        byte[]? digest = null;
        if (detail == AttachmentDetail.Full)
        {
            DecodeBlock();
            digest = _hash!.GetHashAndReset();
        }
        var size = _chars * 6 / 8;
        Span<byte> tail = stackalloc byte[TailChars];
        var tailLength = CopyTail(tail);
        var head = _buffer.AsSpan(0, DecodeInPlace(_buffer.AsSpan(0, _head)));
        var (kind, damage) = ContentSniffer.Look(head, tail[..tailLength], size, _replacements);
        if (_bad)
            damage |= AttachmentDamage.NotBase64;
        else if ((_chars + _padding) % 4 != 0)
            damage |= AttachmentDamage.TruncatedBase64;
        return new AttachmentData(start, end, size, kind, damage, digest);
    }

    /// <summary>The last letters from a group boundary on, decoded.</summary>
    private int CopyTail(Span<byte> tail)
    {
        var ring = _buffer.AsSpan(HeadChars, TailChars);
        var from = Math.Max(0, _chars - TailChars);
        from = (from + 3) / 4 * 4;
        var length = (int)(_chars - from);
        for (var i = 0; i < length; i++)
            tail[i] = ring[(int)((from + i) % TailChars)];
        return DecodeInPlace(tail[..length]);
    }

    public void Dispose()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        if (_block is not null)
            ArrayPool<byte>.Shared.Return(_block);
        _buffer = null;
        _block = null;
        _hash?.Dispose();
        _hash = null;
    }
}
