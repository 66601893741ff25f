using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>
/// What a trust folder holds. Certificates that signed themselves are anchors; other authorities' certificates may
/// stand between a signer and an anchor and are not trusted by themselves; <c>*.crl</c> files are lists of revoked
/// certificates.
/// </summary>
/// <param name="Anchors">Self-signed certificates of authorities.</param>
/// <param name="Intermediates">Certificates of authorities below an anchor.</param>
/// <param name="RevocationLists">DER bytes, not yet verified.</param>
/// <param name="Problems">Files that could not be used, each with the reason.</param>
public sealed record TrustFiles(
    IReadOnlyList<X509Certificate2> Anchors,
    IReadOnlyList<X509Certificate2> Intermediates,
    IReadOnlyList<byte[]> RevocationLists,
    IReadOnlyList<string> Problems
)
{
    /// <summary>No certificate and no list of a folder is larger.</summary>
    private const long MaxFileBytes = 32 * 1024 * 1024;

    public static TrustFiles Empty { get; } = new([], [], [], []);

    /// <summary>Reads a folder; what cannot be used is named in <see cref="Problems"/> and left out.</summary>
    public static TrustFiles Read(string folder)
    {
        var anchors = new List<X509Certificate2>();
        var intermediates = new List<X509Certificate2>();
        var lists = new List<byte[]>();
        var problems = new List<string>();
        foreach (var file in FilesIn(folder))
        {
            try
            {
                if (file.Length > MaxFileBytes)
                {
                    problems.Add($"{file.Name}: larger than {MaxFileBytes} bytes");
                    continue;
                }
                var bytes = File.ReadAllBytes(file.FullName);
                if (IsRevocationList(file))
                {
                    lists.Add(DerOf(bytes, "X509 CRL"));
                    continue;
                }
                foreach (var certificate in CertificatesOf(bytes))
                {
                    if (!IsAuthority(certificate))
                    {
                        problems.Add($"{file.Name}: {certificate.Subject} is no authority");
                    }
                    else if (IsSelfIssued(certificate))
                    {
                        anchors.Add(certificate);
                    }
                    else
                    {
                        intermediates.Add(certificate);
                    }
                }
            }
            catch (Exception failure)
                when (failure
                        is CryptographicException
                            or IOException
                            or UnauthorizedAccessException
                )
            {
                problems.Add($"{file.Name}: {failure.Message}");
            }
        }
        return new TrustFiles(anchors, intermediates, lists, problems);
    }

    /// <summary>Changes whenever a file of the folder does: names, sizes and times.</summary>
    public static string StampOf(string folder) =>
        string.Join('\n', FilesIn(folder).Select(file => $"{file.Name} {VersionOf(file)}"));

    private static FileVersion VersionOf(FileInfo file)
    {
        try
        {
            return FileVersion.Of(file.FullName);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It is among the problems that reading the folder finds.
            return default;
        }
    }

    private static IEnumerable<FileInfo> FilesIn(string folder)
    {
        var directory = new DirectoryInfo(folder);
        return directory.Exists
            ? directory
                .EnumerateFiles()
                .Where(file =>
                    file.Extension.ToUpperInvariant() is ".PEM" or ".CRT" or ".CER" or ".DER"
                    || IsRevocationList(file)
                )
                .OrderBy(file => file.Name, StringComparer.Ordinal)
            : [];
    }

    private static bool IsRevocationList(FileInfo file) =>
        file.Extension.Equals(".crl", StringComparison.OrdinalIgnoreCase);

    private static X509Certificate2Collection CertificatesOf(byte[] bytes)
    {
        var found = new X509Certificate2Collection();
        if (
            bytes.AsSpan().StartsWith("-----BEGIN"u8)
            || bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0
        )
        {
            found.ImportFromPem(System.Text.Encoding.ASCII.GetString(bytes));
        }
        else
        {
            found.Add(X509CertificateLoader.LoadCertificate(bytes));
        }
        return found;
    }

    private static byte[] DerOf(byte[] bytes, string label)
    {
        if (bytes.Length > 0 && bytes[0] == 0x30)
        {
            return bytes;
        }
        var text = System.Text.Encoding.ASCII.GetString(bytes);
        if (
            !PemEncoding.TryFind(text, out var fields)
            || !text.AsSpan()[fields.Label].SequenceEqual(label)
        )
        {
            throw new CryptographicException($"neither DER nor PEM of {label}");
        }
        return Convert.FromBase64String(text[fields.Base64Data]);
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()
            is { CertificateAuthority: true };

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
