using System.Buffers;
using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>Where canonical bytes go. Small pieces are gathered; long runs pass straight through.</summary>
internal abstract class CanonicalOutput
{
    private const int LongRun = 1024;
    private readonly byte[] _gathered = new byte[4096];
    private int _length;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _gathered.Length - _length || bytes.Length >= LongRun)
        {
            Flush();
            if (bytes.Length >= LongRun)
            {
                Take(bytes);
                return;
            }
        }
        bytes.CopyTo(_gathered.AsSpan(_length));
        _length += bytes.Length;
    }

    public void Write(byte value)
    {
        if (_length == _gathered.Length)
            Flush();
        _gathered[_length++] = value;
    }

    public void Flush()
    {
        if (_length > 0)
            Take(_gathered.AsSpan(0, _length));
        _length = 0;
    }

    protected abstract void Take(ReadOnlySpan<byte> bytes);
}

/// <summary>Digests canonical bytes without keeping them.</summary>
internal sealed class DigestOutput(HashAlgorithmName algorithm) : CanonicalOutput, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);

    public HashAlgorithmName Algorithm { get; } = algorithm;

    public byte[] Finish()
    {
        Flush();
        return _hash.GetHashAndReset();
    }

    protected override void Take(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public void Dispose() => _hash.Dispose();
}

/// <summary>Keeps canonical bytes.</summary>
internal sealed class BufferOutput : CanonicalOutput
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray()
    {
        Flush();
        return _bytes.WrittenSpan.ToArray();
    }

    protected override void Take(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);
}
