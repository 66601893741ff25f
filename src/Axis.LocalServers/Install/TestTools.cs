using Axis.LocalServers.Processes;

namespace Axis.LocalServers.Install;

/// <summary>
/// The independent programs against which the signature tests check: other signers, other parsers, other verifiers.
/// Nothing of the hub needs them.
/// </summary>
public static class TestTools
{
    /// <summary>Where the Node package lies once it is installed, from the root of the repository.</summary>
    public const string NodeFolder = ".axis/tools/node";

    private const string NodePackage = "tests/Axis.Signatures.Tests/Signers";

    /// <summary>Each program with the package of Debian and Ubuntu that brings it.</summary>
    private static readonly (string Program, string Package)[] Programs =
    [
        ("openssl", "openssl"),
        ("xmlsec1", "xmlsec1"),
        ("xmllint", "libxml2-utils"),
        ("pdfsig", "poppler-utils"),
        ("certutil", "libnss3-tools"),
        ("pk12util", "libnss3-tools"),
        ("qpdf", "qpdf"),
        // The source of the Java signer is compiled when it runs: a runtime alone does not do.
        ("javac", "default-jdk-headless"),
        ("node", "nodejs"),
        ("npm", "npm"),
    ];

    /// <summary>Installs what is missing, where it may: packages of the system as root with apt-get, the Node package in the repository's own folder.</summary>
    /// <param name="root">The root of the repository.</param>
    /// <param name="progress">Hears of what takes time.</param>
    /// <param name="cancellation">Ends the installation.</param>
    /// <returns>What is missing still and why, one line each, for people; empty when nothing is. Tests that need it skip themselves.</returns>
    public static async Task<IReadOnlyList<string>> InstallAsync(
        string root,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(progress);
        var problems = new List<string>();
        var packages = Programs
            .Where(one => !IsInstalled(one.Program))
            .Select(one => one.Package)
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        if (packages.Length > 0)
        {
            await InstallPackagesAsync(packages, progress, problems, cancellation);
        }

        problems.AddRange(
            Programs
                .Where(one => !IsInstalled(one.Program))
                .Select(one => $"{one.Program} is missing (package {one.Package}).")
        );
        if (IsInstalled("npm"))
        {
            await InstallNodePackageAsync(root, progress, problems, cancellation);
        }

        return problems;
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task InstallPackagesAsync(
        string[] packages,
        IProgress<string> progress,
        List<string> problems,
        CancellationToken cancellation
    )
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/apt-get"))
        {
            problems.Add(
                $"As root, apt-get install --no-install-recommends {string.Join(' ', packages)} would bring them."
            );
            return;
        }

        progress.Report(
            $"Installing {string.Join(", ", packages)} (packages of the system, a minute or two) …"
        );
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        try
        {
            await ShortCommand.RunAsync(["apt-get", "update", "-qq"], quiet, cancellation);
            await ShortCommand.RunAsync(
                [
                    "apt-get",
                    "install",
                    "-y",
                    "-qq",
                    "--no-install-recommends",
                    "-o",
                    "DPkg::Lock::Timeout=300",
                    .. packages,
                ],
                quiet,
                cancellation
            );
        }
        catch (PrivateServersException e)
        {
            problems.Add(e.Message);
        }
    }

    /// <summary>The lock file names version and hash of every file; nothing else is taken, and no script of a package runs.</summary>
    private static async Task InstallNodePackageAsync(
        string root,
        IProgress<string> progress,
        List<string> problems,
        CancellationToken cancellation
    )
    {
        var folder = Path.Combine(root, NodeFolder);
        var stamp = Path.Combine(folder, "installed.json");
        var wanted = await File.ReadAllTextAsync(
            Path.Combine(root, NodePackage, "package-lock.json"),
            cancellation
        );
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp, cancellation) == wanted)
        {
            return;
        }

        progress.Report("Installing the Node package xml-crypto …");
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["package.json", "package-lock.json"])
        {
            File.Copy(
                Path.Combine(root, NodePackage, name),
                Path.Combine(folder, name),
                overwrite: true
            );
        }

        try
        {
            await ShortCommand.RunAsync(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder],
                null,
                cancellation
            );
            await File.WriteAllTextAsync(stamp, wanted, cancellation);
        }
        catch (PrivateServersException e)
        {
            problems.Add(e.Message);
        }
    }
}
