using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.Hub;

/// <summary>The hub's own certificate, read again when its file has changed: renewing it needs no restart.</summary>
internal sealed class ServerCertificate(string certificateFile, string keyFile)
{
    private readonly Lock _lock = new();
    private X509Certificate2? _current;
    private FileVersion _version;

    /// <exception cref="IOException">At the first use, when the files cannot be read.</exception>
    public X509Certificate2 Current
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
                        _current = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
                        _version = version;
                    }
                }
                catch (Exception failure)
                    when (_current is not null
                        && failure
                            is IOException
                                or UnauthorizedAccessException
                                or System.Security.Cryptography.CryptographicException
                    )
                {
                    // Half replaced: the key comes a moment after the certificate. The old pair serves meanwhile.
                }
                return _current;
            }
        }
    }
}
