using Axis.Signatures;

namespace Axis.Cli.Local;

/// <summary>
/// A signing key and certificate for each agency of the demo province, made here and now: <c>CODE.key.pem</c> and
/// <c>CODE.cert.pem</c>. Good for demonstrations only: the authority behind them is forgotten at once, and only
/// its certificate stays, in the folder of those whom the hub trusts.
/// </summary>
internal static class DemoKeys
{
    public static string KeyFile(string folder, string code) =>
        Path.Combine(folder, $"{code}.key.pem");

    public static string CertificateFile(string folder, string code) =>
        Path.Combine(folder, $"{code}.cert.pem");

    /// <summary>Makes what is missing.</summary>
    public static async Task EnsureAsync(
        string province,
        string folder,
        string trust,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var missing = DemoAgency
            .ReadAll(province)
            .Where(agency =>
                agency.IsInProvince && !File.Exists(CertificateFile(folder, agency.Code))
            )
            .ToList();
        if (missing.Count == 0)
        {
            return;
        }

        progress.Report($"Making signing keys for {missing.Count} agencies of the demo province …");
        var now = TimeProvider.System.GetUtcNow();
        var (notBefore, notAfter) = (now.AddDays(-1), now.AddYears(2));
        using var authority = new DemoAuthority(notBefore, notAfter);
        await TrustAsync(authority, trust, notBefore, notAfter, cancellation);
        await Parallel.ForEachAsync(
            missing,
            cancellation,
            async (agency, token) =>
            {
                using var issued = authority.Issue(agency.Code, agency.Name, notBefore, notAfter);
                await WriteSecretAsync(
                    KeyFile(folder, agency.Code),
                    issued.ExportPrivateKeyPem(),
                    token
                );
                // Last: its presence says that both are there.
                await File.WriteAllTextAsync(
                    CertificateFile(folder, agency.Code),
                    issued.CertificatePem,
                    token
                );
            }
        );
    }

    /// <summary>
    /// Its certificate for the hub to trust, and a list that says until its end that it revoked nobody: it is forgotten
    /// at once, so nobody can ask it.
    /// </summary>
    private static async Task TrustAsync(
        DemoAuthority authority,
        string trust,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        CancellationToken cancellation
    )
    {
        // A name of its own: an agency that joins later has another authority.
        var name = $"demo-{CertificateNames.ThumbprintOf(authority.Certificate)[..8]}";
        await File.WriteAllBytesAsync(
            Path.Combine(trust, $"{name}.crl"),
            authority.EmptyRevocationList(notBefore, notAfter),
            cancellation
        );
        await File.WriteAllTextAsync(
            Path.Combine(trust, $"{name}.pem"),
            authority.Certificate.ExportCertificatePem(),
            cancellation
        );
    }

    private static async Task WriteSecretAsync(
        string file,
        string text,
        CancellationToken cancellation
    )
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(new FileStream(file, options));
        await writer.WriteAsync(text.AsMemory(), cancellation);
    }
}
