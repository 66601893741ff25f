using System.Buffers;
using System.Buffers.Text;

namespace Axis.EdXml;

/// <summary>Runs of base64 letters (RFC 4648 section 4) and their decoding.</summary>
internal static class Base64Text
{
    private const string Alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private static readonly SearchValues<byte> Letters = SearchValues.Create([
        .. Alphabet.Select(c => (byte)c),
    ]);

    private static readonly SearchValues<byte> LettersAndLineEnds = SearchValues.Create([
        .. Alphabet.Select(c => (byte)c),
        (byte)'\r',
        (byte)'\n',
    ]);

    /// <summary>Length of the run of letters and line ends at the start, and how many of them are letters.</summary>
    internal static int TakeRun(ReadOnlySpan<byte> text, out int letters)
    {
        letters = text.IndexOfAnyExcept(Letters);
        if (letters < 0)
            return letters = text.Length;
        if (text[letters] is not ((byte)'\r' or (byte)'\n'))
            return letters;
        var rest = text[letters..];
        var length = rest.IndexOfAnyExcept(LettersAndLineEnds);
        if (length >= 0)
            rest = rest[..length];
        var run = letters + rest.Length;
        letters = run - rest.Count((byte)'\r') - rest.Count((byte)'\n');
        return run;
    }

    /// <summary>Moves the letters to the front, drops everything else and tells how many there are.</summary>
    internal static int KeepLetters(Span<byte> text)
    {
        var kept = 0;
        var at = 0;
        while (at < text.Length)
        {
            var rest = text[at..];
            // A reference stands for a line end; its letters are no content.
            if (rest[0] == (byte)'&' && rest.IndexOf((byte)';') is >= 0 and var end)
            {
                at += end + 1;
                continue;
            }
            var run = rest.IndexOfAnyExcept(Letters);
            if (run == 0)
            {
                at++;
                continue;
            }
            if (run < 0)
                run = rest.Length;
            rest[..run].CopyTo(text[kept..]);
            kept += run;
            at += run;
        }
        return kept;
    }

    /// <summary>Decodes letters without padding; a last group of two or three gives one or two bytes.</summary>
    internal static int DecodeInPlace(Span<byte> letters)
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
}

/// <summary>Decodes base64 letters that come in pieces, in blocks.</summary>
internal sealed class Base64Decoder : IDisposable
{
    private const int BlockLetters = 16 * 1024;

    private byte[]? _block;
    private int _length;

    internal void Reset()
    {
        _block ??= ArrayPool<byte>.Shared.Rent(BlockLetters);
        _length = 0;
    }

    /// <param name="text">Letters and line ends.</param>
    /// <param name="target">Receives the content.</param>
    internal void Feed(ReadOnlySpan<byte> text, AttachmentProbe target)
    {
        while (!text.IsEmpty)
        {
            var take = Math.Min(BlockLetters - _length, text.Length);
            text[..take].CopyTo(_block.AsSpan(_length));
            _length += Base64Text.KeepLetters(_block.AsSpan(_length, take));
            text = text[take..];
            if (_length == BlockLetters)
                Finish(target);
        }
    }

    internal void Finish(AttachmentProbe target)
    {
        target.Take(_block.AsSpan(0, Base64Text.DecodeInPlace(_block.AsSpan(0, _length))));
        _length = 0;
    }

    public void Dispose()
    {
        if (_block is not null)
            ArrayPool<byte>.Shared.Return(_block);
        _block = null;
    }
}
