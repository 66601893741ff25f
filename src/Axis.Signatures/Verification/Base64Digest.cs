using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>Decodes base64 that comes in pieces, and digests it without keeping it.</summary>
internal sealed class Base64Digest(IReadOnlyList<HashAlgorithmName> algorithms) : IDisposable
{
    private readonly IncrementalHash[] _hashes = [.. algorithms.Select(IncrementalHash.CreateHash)];
    private readonly byte[] _letters = new byte[16 * 1024];
    private readonly byte[] _content = new byte[12 * 1024];
    private int _length;
    private bool _padded;
    private bool _bad;

    public List<HashAlgorithmName> Algorithms { get; } = [.. algorithms];

    /// <summary>The one before has been finished.</summary>
    public void Begin()
    {
        _length = 0;
        _padded = _bad = false;
    }

    /// <param name="raw">Character data as it is written.</param>
    /// <param name="references">References in it resolve; a line end may be written as one.</param>
    public void Append(ReadOnlySpan<byte> raw, bool references)
    {
        while (!raw.IsEmpty && !_bad)
        {
            var stop = raw.IndexOfAny((byte)'&', (byte)'=');
            AppendLetters(stop < 0 ? raw : raw[..stop]);
            if (stop < 0)
                return;
            raw = raw[stop..];
            var length = 1;
            if (raw[0] == (byte)'=')
            {
                _padded = true;
            }
            else
            {
                length = references ? raw.IndexOf((byte)';') + 1 : 0;
                _bad |=
                    XmlText.TryReference(raw[..length], out var character) != XmlErrorKind.None
                    || character is not ('\r' or '\n' or '\t' or ' ');
            }
            raw = raw[length..];
        }
    }

    /// <summary>One digest for each algorithm; empty ones, which equal none, when it was not base64.</summary>
    public List<byte[]> Finish()
    {
        Decode();
        if (_length > 0)
        {
            _bad |= _length is 1 or > 3;
            if (!_bad)
            {
                _letters.AsSpan(_length, 4 - _length).Fill((byte)'=');
                _bad |=
                    Base64.DecodeFromUtf8(_letters.AsSpan(0, 4), _content, out _, out var written)
                    != OperationStatus.Done;
                Hash(written);
            }
        }
        var digests = _hashes.Select(hash => hash.GetHashAndReset()).ToList();
        return _bad ? digests.ConvertAll<byte[]>(_ => []) : digests;
    }

    public void Dispose()
    {
        foreach (var hash in _hashes)
            hash.Dispose();
    }

    private void AppendLetters(ReadOnlySpan<byte> raw)
    {
        while (!raw.IsEmpty)
        {
            var taken = Math.Min(raw.Length, _letters.Length - _length);
            foreach (var letter in raw[..taken])
            {
                if (letter is (byte)'\r' or (byte)'\n' or (byte)'\t' or (byte)' ')
                    continue;
                // Nothing follows the padding.
                _bad |= _padded;
                _letters[_length++] = letter;
            }
            raw = raw[taken..];
            if (_length == _letters.Length)
                Decode();
        }
    }

    /// <summary>Whole groups of four letters; what is left over waits at the front.</summary>
    private void Decode()
    {
        var whole = _length / 4 * 4;
        _bad |=
            Base64.DecodeFromUtf8(_letters.AsSpan(0, whole), _content, out _, out var written)
            != OperationStatus.Done;
        Hash(written);
        _letters.AsSpan(whole, _length - whole).CopyTo(_letters);
        _length -= whole;
    }

    private void Hash(int length)
    {
        foreach (var hash in _hashes)
            hash.AppendData(_content, 0, length);
    }
}
