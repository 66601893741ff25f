using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>Independent programs, where they are installed.</summary>
internal static class Tools
{
    /// <summary>Skips the test in words; where all tools are required, fails it.</summary>
    public static void Missing(string words)
    {
        if (Environment.GetEnvironmentVariable("AXIS_REQUIRE_TOOLS") == "1")
            Assert.Fail($"{words} AXIS_REQUIRE_TOOLS is set: no test may be skipped for that.");
        Assert.Ignore($"{words} ./axis test installs it where it may.");
    }

    /// <summary>The folder of Node's packages, which ./axis test fills.</summary>
    public static string NodeFolder()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Axis.sln")))
                continue;
            var packages = Path.Combine(folder.FullName, ".axis", "tools", "node");
            if (Directory.Exists(Path.Combine(packages, "node_modules", "xml-crypto")))
                return packages;
        }
        Missing("The Node package xml-crypto is not installed here.");
        return "";
    }

    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program,
        params string[] arguments
    ) => RunInAsync(Environment.CurrentDirectory, program, arguments);

    public static async Task<(int ExitCode, string Output, string Errors)> RunInAsync(
        string folder,
        string program,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Missing($"The program {program} is not installed here.");
        }
        using (process!)
        {
            var output = process!.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await errors);
        }
    }

    /// <summary>Does xmlsec1 (Debian package xmlsec1) accept the package with that certificate's key?</summary>
    public static async Task<bool> XmlSecVerifiesAsync(byte[] package, IssuedCertificate signer)
    {
        using var folder = new TemporaryFolder();
        var file = await folder.WriteAsync("package.edxml", package);
        var certificate = await folder.WriteAsync("certificate.pem", signer.CertificatePem);
        var (exitCode, _, errors) = await RunAsync(
            "xmlsec1",
            "--verify",
            "--enabled-key-data",
            "rsa,ec,x509",
            "--pubkey-cert-pem",
            certificate,
            file
        );
        if (exitCode != 0)
            await TestContext.Out.WriteLineAsync(errors);
        return exitCode == 0;
    }

    /// <summary>Fills in a signature template by xmlsec1.</summary>
    public static async Task<byte[]> XmlSecSignAsync(byte[] template, IssuedCertificate signer)
    {
        using var folder = new TemporaryFolder();
        var file = await folder.WriteAsync("template.edxml", template);
        var key = await folder.WriteAsync("key.pem", signer.ExportPrivateKeyPem());
        var certificate = await folder.WriteAsync("certificate.pem", signer.CertificatePem);
        var output = folder.PathOf("signed.edxml");
        var (exitCode, _, errors) = await RunAsync(
            "xmlsec1",
            "--sign",
            "--privkey-pem",
            $"{key},{certificate}",
            "--output",
            output,
            file
        );
        Assert.That(exitCode, Is.Zero, errors);
        return await File.ReadAllBytesAsync(output);
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("axis-signatures");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public async Task<string> WriteAsync(string name, byte[] content)
    {
        await File.WriteAllBytesAsync(PathOf(name), content);
        return PathOf(name);
    }

    public Task<string> WriteAsync(string name, string content) =>
        WriteAsync(name, Encoding.UTF8.GetBytes(content));

    public void Dispose() => _folder.Delete(recursive: true);
}
