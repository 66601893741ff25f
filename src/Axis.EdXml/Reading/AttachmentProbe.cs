using System.Buffers;
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
    /// <summary>Text kept from the start, enough for 4 KB of content with line ends.</summary>
    private const int HeadBytes = 5_800;

    /// <summary>Text kept from the end, enough for the 1 KB in which a PDF must end.</summary>
    private const int TailBytes = 2_048;

    private byte[]? _buffer;
    private int _headLength;
    private long _textLength;
    private long _letters;
    private int _padding;
    private bool _bad;
    private int _replacements;
    private Base64Decoder? _decoder;
    private IncrementalHash? _hash;

    internal void Begin()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(HeadBytes + TailBytes);
        _headLength = 0;
        _textLength = 0;
        _letters = 0;
        _padding = 0;
        _bad = false;
        _replacements = 0;
        if (detail == AttachmentDetail.Full)
        {
            _decoder ??= new Base64Decoder();
            _decoder.Reset();
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
    }

    internal void Append(ReadOnlySpan<byte> raw)
    {
        Keep(raw);
        while (!raw.IsEmpty)
        {
            var run = Base64Text.TakeRun(raw, out var letters);
            if (letters > 0)
            {
                // Letters after padding: two base64 texts run together, or garbage.
                _bad |= _padding > 0;
                _letters += letters;
                _decoder?.Feed(raw[..run], this);
            }
            raw = raw[run..];
            if (raw.IsEmpty)
                break;
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
                _bad |= c is not (' ' or '\t' or '\r' or '\n');
            }
            else
            {
                _bad |= !XmlChars.IsSpace(raw[0]);
            }
            raw = raw[used..];
        }
    }

    /// <summary>Keeps the first and the last text as it stands; the tail is a ring addressed by the length before it.</summary>
    private void Keep(ReadOnlySpan<byte> raw)
    {
        if (_headLength < HeadBytes)
        {
            var take = Math.Min(HeadBytes - _headLength, raw.Length);
            raw[..take].CopyTo(_buffer.AsSpan(_headLength));
            _headLength += take;
        }
        var skipped = Math.Max(0, raw.Length - TailBytes);
        var at = (int)((_textLength + skipped) % TailBytes);
        _textLength += raw.Length;
        raw = raw[skipped..];
        var ring = _buffer.AsSpan(HeadBytes, TailBytes);
        var first = Math.Min(raw.Length, TailBytes - at);
        raw[..first].CopyTo(ring[at..]);
        raw[first..].CopyTo(ring);
    }

    /// <summary>Takes decoded content, in <see cref="AttachmentDetail.Full"/> only.</summary>
    internal void Take(ReadOnlySpan<byte> content)
    {
        _hash!.AppendData(content);
        _replacements += ContentSniffer.CountReplacements(content);
    }

    internal AttachmentData End(long start, long end)
    {
        byte[]? digest = null;
        if (_decoder is not null)
        {
            _decoder.Finish(this);
            digest = _hash!.GetHashAndReset();
        }
        var size = _letters * 6 / 8;
        Span<byte> tail = stackalloc byte[TailBytes];
        tail = tail[..DecodeTail(tail)];
        var head = _buffer.AsSpan(0, _headLength);
        head = head[..Base64Text.DecodeInPlace(head[..Base64Text.KeepLetters(head)])];
        var (kind, damage) = ContentSniffer.Look(head, tail, size, _replacements);
        // RFC 4648 section 4: a last group has two letters at least and two signs of padding at most. One letter without
        // padding is a text that was cut off.
        if (_bad || _padding > 2 || (_padding > 0 && _letters % 4 == 1))
            damage |= AttachmentDamage.NotBase64;
        else if ((_letters + _padding) % 4 != 0)
            damage |= AttachmentDamage.TruncatedBase64;
        return new AttachmentData(start, end, size, kind, damage, digest);
    }

    /// <summary>The last letters from a group boundary on, decoded.</summary>
    private int DecodeTail(Span<byte> tail)
    {
        var ring = _buffer.AsSpan(HeadBytes, TailBytes);
        var length = (int)Math.Min(_textLength, TailBytes);
        var at = (int)((_textLength - length) % TailBytes);
        var first = Math.Min(length, TailBytes - at);
        ring.Slice(at, first).CopyTo(tail);
        ring[..(length - first)].CopyTo(tail[first..]);
        tail = tail[..length];
        // The ring may begin inside a reference, whose rest would pass for letters.
        if (
            _textLength > TailBytes
            && tail[..XmlText.MaxReferenceBytes].IndexOfAny((byte)';', (byte)'&')
                is >= 0
                    and var stop
            && tail[stop] == (byte)';'
        )
            tail[..(stop + 1)].Fill((byte)' ');
        var letters = Base64Text.KeepLetters(tail);
        var skip = (int)((4 - (_letters - letters) % 4) % 4);
        if (skip > letters)
            return 0;
        tail[skip..letters].CopyTo(tail);
        return Base64Text.DecodeInPlace(tail[..(letters - skip)]);
    }

    public void Dispose()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _decoder?.Dispose();
        _hash?.Dispose();
        _hash = null;
    }
}
