using System.Security.Cryptography.X509Certificates;

namespace Axis.Hub;

/// <summary>The hub's own certificate, read again when its file has changed: renewing it needs no restart.</summary>
internal sealed class ServerCertificate(string certificateFile, string keyFile)
{
    private readonly Lock _lock = new();
    private X509Certificate2? _current;
    private DateTime _writtenAt;

    /// <exception cref="IOException">At the first use, when the files cannot be read.</exception>
    public X509Certificate2 Current
    {
        get
        {
            lock (_lock)
            {
                var writtenAt = File.GetLastWriteTimeUtc(certificateFile);
                if (_current is null || writtenAt != _writtenAt)
                {
                    try
                    {
                        _current = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
                        _writtenAt = writtenAt;
                    }
                    catch (Exception failure)
                        when (_current is not null
                            && failure
                                is IOException
                                    or System.Security.Cryptography.CryptographicException
                        )
                    {
                        // Half replaced: the key comes a moment after the certificate. The old pair serves meanwhile.
                        return _current;
                    }
                }
                return _current;
            }
        }
    }
}
