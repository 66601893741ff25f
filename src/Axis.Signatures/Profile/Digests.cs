using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>The digests of the profile.</summary>
internal static class Digests
{
    public static byte[] Hash(HashAlgorithmName algorithm, ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        hash.AppendData(bytes);
        return hash.GetHashAndReset();
    }
}
