using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.Hub;

/// <summary>
/// The hub's own certificate with the chain that its file has, read again when the file has changed: renewing it needs no
/// restart.
/// </summary>
internal sealed class ServerCertificate(string certificateFile, string keyFile)
{
    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _current;
    private FileVersion _version;

    /// <exception cref="IOException">At the first use, when the files cannot be read.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                try
                {
                    var version = FileVersion.Of(certificateFile);
                    if (_current is null || version != _version)
                    {
                        _current = Read();
                        _version = version;
                    }
                }
                catch (Exception failure)
                    when (_current is not null
                        && failure
                            is IOException
                                or UnauthorizedAccessException
                                or CryptographicException
                    )
                {
                    // Half replaced: the key comes a moment after the certificate. The old pair serves meanwhile.
                }
                return _current!;
            }
        }
    }

    private SslStreamCertificateContext Read()
    {
        var own = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        // A client that knows the root only needs those between; nobody is asked for what the file does not have.
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }
}
