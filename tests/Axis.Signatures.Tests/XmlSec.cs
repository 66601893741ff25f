using System.Diagnostics;

namespace Axis.Signatures.Tests;

/// <summary>The independent verifier xmlsec1, where it is installed.</summary>
internal static class XmlSec
{
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("xmlsec1")
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("xmlsec1 is not installed here (Debian package xmlsec1).");
        }
        using (process!)
        {
            var output = process!.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output + await errors);
        }
    }

    public static async Task<bool> VerifiesAsync(byte[] package, IssuedCertificate signer)
    {
        var folder = Directory.CreateTempSubdirectory("axis-xmlsec");
        try
        {
            var file = Path.Combine(folder.FullName, "package.edxml");
            var certificate = Path.Combine(folder.FullName, "certificate.pem");
            await File.WriteAllBytesAsync(file, package);
            await File.WriteAllTextAsync(certificate, signer.CertificatePem);
            var (exitCode, output) = await RunAsync(
                "--verify",
                "--enabled-key-data",
                "rsa,ec,x509",
                "--pubkey-cert-pem",
                certificate,
                file
            );
            if (exitCode != 0)
                await TestContext.Out.WriteLineAsync(output);
            return exitCode == 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
