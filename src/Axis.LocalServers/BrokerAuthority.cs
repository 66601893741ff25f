using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.LocalServers;

/// <summary>
/// A certification authority of this run alone, which the private broker trusts: its own certificate and those of
/// clients are issued by it.
/// </summary>
public sealed class BrokerAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Life = TimeSpan.FromDays(30);

    private readonly X509Certificate2 _own;

    private BrokerAuthority(X509Certificate2 own) => _own = own;

    public string CertificatePem => _own.ExportCertificatePem();

    public static BrokerAuthority Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            "CN=Axis test authority",
            key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(true, true, 0, critical: true)
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true)
        );
        var now = TimeProvider.System.GetUtcNow();
        return new BrokerAuthority(request.CreateSelfSigned(now.AddHours(-1), now + Life));
    }

    /// <param name="file">Certificate and key in PEM, as <see cref="ToPem"/> gives them.</param>
    public static BrokerAuthority Load(string file) =>
        new(X509Certificate2.CreateFromPem(File.ReadAllText(file), File.ReadAllText(file)));

    public string ToPem() => $"{CertificatePem}\n{KeyPem(_own)}\n";

    /// <summary>A certificate with its key, for a client or for the server on loopback.</summary>
    /// <param name="subject">Such as <c>CN=department, O=Sở Nội vụ</c>.</param>
    public X509Certificate2 Issue(X500DistinguishedName subject, bool isServer = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension(
                [new Oid(isServer ? ServerAuthentication : ClientAuthentication)],
                critical: false
            )
        );
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(
            _own,
            new DateTimeOffset(_own.NotBefore),
            new DateTimeOffset(_own.NotAfter),
            RandomNumberGenerator.GetBytes(16)
        );
        return certificate.CopyWithPrivateKey(key);
    }

    public static string KeyPem(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose() => _own.Dispose();
}
