using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.NationalSim.Provinces;

/// <summary>
/// Signs letters of other provinces with one key, made when it is first needed. Nobody trusts it: what matters here is
/// what becomes of the signature on its way.
/// </summary>
internal sealed class FarSeal : IDisposable
{
    private const int KeyBits = 2048;

    private X509Certificate2? _certificate;

    public byte[] Put(byte[] package, DateTimeOffset now)
    {
        _certificate ??= Make(now);
        using var input = new MemoryStream(package, writable: false);
        using var output = new MemoryStream();
        EnvelopeSigner.Sign(input, _certificate, output);
        return output.ToArray();
    }

    public void Dispose() => _certificate?.Dispose();

    private static X509Certificate2 Make(DateTimeOffset now)
    {
        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest(
            "CN=Con dau so cua tinh ban",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
    }
}
