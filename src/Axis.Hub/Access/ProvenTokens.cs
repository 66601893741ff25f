using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Axis.Hub.Access;

/// <summary>
/// Tokens whose signature was verified before. A client sends the same token for a quarter of an hour, and verifying
/// ES256 costs more than reading a small package. Only what cannot change is remembered: who holds the token and until
/// when. Its lifetime, and whether the holder is still active, are asked anew at each request.
/// </summary>
internal sealed class ProvenTokens
{
    private const int Capacity = 10_000;

    // By digest, so that a dump of the memory holds no usable tokens of ours.
    private readonly ConcurrentDictionary<UInt128, Proof> _proofs = new();

    public TokenProof? Find(string token, DateTimeOffset now) =>
        _proofs.TryGetValue(KeyOf(token), out var proof) && now < proof.End ? proof.Token : null;

    /// <param name="end">From when on the token proves nothing.</param>
    public void Remember(string token, TokenProof proven, DateTimeOffset end)
    {
        if (_proofs.Count >= Capacity)
        {
            // More than a full house of clients means that tokens expired unseen: start over, at the cost of one
            // verification for each that is still in use.
            _proofs.Clear();
        }
        _proofs[KeyOf(token)] = new Proof(proven, end);
    }

    private static UInt128 KeyOf(string token)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private readonly record struct Proof(TokenProof Token, DateTimeOffset End);
}
