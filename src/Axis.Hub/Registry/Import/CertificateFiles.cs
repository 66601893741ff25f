using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.Hub.Registry.Import;

/// <summary>A certificate to be bound to the agency that has this code.</summary>
public sealed record CertificateFile(string AgencyCode, X509Certificate2 Certificate);

/// <summary>Reads <c>&lt;code&gt;.cert.pem</c> files: one certificate each, of the agency named by the file.</summary>
public static class CertificateFiles
{
    public const string Suffix = ".cert.pem";

    /// <exception cref="ImportException">Something is wrong; everything found is named.</exception>
    public static IReadOnlyList<CertificateFile> Read(string folder, ProvinceFiles province) =>
        Read(folder, province.Agencies.Select(agency => agency.Code).ToHashSet());

    /// <summary>Those of agencies that the registry knows, which is asked later.</summary>
    /// <exception cref="ImportException">Something is wrong; everything found is named.</exception>
    public static IReadOnlyList<CertificateFile> Read(string folder) => Read(folder, codes: null);

    private static IReadOnlyList<CertificateFile> Read(string folder, HashSet<string>? codes)
    {
        if (!Directory.Exists(folder))
        {
            throw new ImportException([
                new(folder, 0, 0, "there is no such folder", "không có thư mục này"),
            ]);
        }
        var problems = new List<ImportProblem>();
        var certificates = new List<CertificateFile>();
        foreach (
            var path in Directory.EnumerateFiles(folder, "*" + Suffix).Order(StringComparer.Ordinal)
        )
        {
            var name = Path.GetFileName(path);
            var code = name[..^Suffix.Length];
            if (codes?.Contains(code) == false)
            {
                problems.Add(
                    new(
                        name,
                        0,
                        0,
                        $"\"{code}\" is no code of column code of agencies.csv",
                        $"\"{code}\" không có trong cột code của agencies.csv"
                    )
                );
            }
            else if (Load(path) is { } certificate)
            {
                if (new RegisteredCertificate(certificate).IsReadable)
                {
                    certificates.Add(new(code, certificate));
                    continue;
                }
                problems.Add(
                    new(
                        name,
                        0,
                        0,
                        "the certificate's extensions or its key are malformed: no signature could be verified with it",
                        "phần mở rộng hoặc khóa của chứng thư sai cấu trúc: không thể kiểm tra chữ ký bằng chứng thư này"
                    )
                );
            }
            else
            {
                problems.Add(
                    new(
                        name,
                        0,
                        0,
                        "exactly one certificate in PEM was expected, without its chain",
                        "cần đúng một chứng thư dạng PEM, không kèm chuỗi chứng thư"
                    )
                );
            }
        }
        return problems.Count == 0 ? certificates : throw new ImportException(problems);
    }

    // A file with a chain would bind the issuer's certificate to the agency, and so would its key sign for it.
    private static X509Certificate2? Load(string path)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(path);
        }
        catch (CryptographicException)
        {
            return null;
        }
        return found.Count == 1 ? found[0] : null;
    }
}
