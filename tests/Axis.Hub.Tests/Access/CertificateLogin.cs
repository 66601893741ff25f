using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Axis.LocalServers;
using RabbitMQ.Client;

namespace Axis.Hub.Tests.Access;

/// <summary>Connections whose other end was certified by the tests' authority, with a certificate of one's own.</summary>
internal static class CertificateLogin
{
    /// <summary>To the broker by SASL EXTERNAL.</summary>
    /// <param name="virtualHost">As the address of it says, with its path.</param>
    /// <param name="certificate">With its private key.</param>
    /// <param name="authority">Who certified the broker.</param>
    public static ConnectionFactory ToBroker(
        Uri virtualHost,
        X509Certificate2 certificate,
        BrokerAuthority authority
    ) =>
        new()
        {
            HostName = "127.0.0.1",
            Port = LocalServersSetUp.Servers.AmqpTlsPort,
            VirtualHost = Uri.UnescapeDataString(virtualHost.AbsolutePath.TrimStart('/')),
            AuthMechanisms = [new ExternalMechanismFactory()],
            AutomaticRecoveryEnabled = false,
            Ssl = new SslOption
            {
                Enabled = true,
                ServerName = "localhost",
                Certs = [Usable(certificate)],
                CertificateValidationCallback = IsOf(authority),
            },
        };

    public static RemoteCertificateValidationCallback IsOf(BrokerAuthority authority) =>
        (_, certificate, _, _) =>
        {
            using var strict = new X509Chain();
            strict.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            strict.ChainPolicy.CustomTrustStore.Add(
                X509Certificate2.CreateFromPem(authority.CertificatePem)
            );
            strict.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return certificate is not null
                && strict.Build(
                    X509CertificateLoader.LoadCertificate(certificate.GetRawCertData())
                );
        };

    // A client's certificate needs its key where the TLS library can reach it.
    public static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
