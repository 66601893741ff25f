using System.Globalization;
using Axis.LocalServers.Processes;

namespace Axis.LocalServers.Install;

/// <summary>The installed programs, as Debian's and Ubuntu's packages place them, or on the PATH.</summary>
internal sealed record ServerBinaries(string PostgresFolder, string? RabbitFolder)
{
    private const string HowToInstall =
        "Install PostgreSQL 15 or newer and RabbitMQ 3.10 or newer (Debian, Ubuntu: "
        + "apt-get install --no-install-recommends postgresql rabbitmq-server).";

    /// <summary>Finds the programs; installs the packages first where they are missing and we may.</summary>
    public static async Task<ServerBinaries> FindOrInstallAsync(
        bool withBroker,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        if (Find(withBroker) is { } found)
        {
            return found;
        }

        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/apt-get"))
        {
            throw new PrivateServersException(HowToInstall);
        }

        await InstallAsync(withBroker, progress, cancellation);
        return Find(withBroker) ?? throw new PrivateServersException(HowToInstall);
    }

    private static ServerBinaries? Find(bool withBroker)
    {
        var postgres = PostgresCandidates()
            .FirstOrDefault(folder => Has(folder, "initdb") && Has(folder, "postgres"));
        var rabbit = RabbitCandidates().FirstOrDefault(folder => Has(folder, "rabbitmq-server"));
        return postgres is null || (withBroker && rabbit is null)
            ? null
            : new ServerBinaries(postgres, rabbit);
    }

    /// <summary>A link that leads nowhere is no program.</summary>
    private static bool Has(string folder, string program)
    {
        var file = new FileInfo(Path.Combine(folder, program));
        return file.Exists
            && file.ResolveLinkTarget(returnFinalTarget: true) is null or { Exists: true };
    }

    private static IEnumerable<string> PostgresCandidates()
    {
        var packaged = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
            : [];
        return packaged
            .Select(folder =>
                (
                    folder,
                    version: int.TryParse(
                        Path.GetFileName(folder),
                        CultureInfo.InvariantCulture,
                        out var n
                    )
                        ? n
                        : 0
                )
            )
            .OrderByDescending(candidate => candidate.version)
            .Select(candidate => Path.Combine(candidate.folder, "bin"))
            .Concat(SearchPath());
    }

    // Before the PATH: the wrapper in /usr/sbin insists on the system's own folders.
    private static IEnumerable<string> RabbitCandidates() =>
        SearchPath().Prepend("/usr/lib/rabbitmq/bin");

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            ':',
            StringSplitOptions.RemoveEmptyEntries
        );

    private static async Task InstallAsync(
        bool withBroker,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        progress.Report(
            "Installing PostgreSQL and RabbitMQ (packages of the system, about a minute) …"
        );
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        await ShortCommand.RunAsync(["apt-get", "update", "-qq"], quiet, cancellation);
        string[] packages = withBroker ? ["postgresql", "rabbitmq-server"] : ["postgresql"];
        // policy-rc.d keeps the packages from starting services of the system, which are not ours to run.
        const string Script = """
            policy=/usr/sbin/policy-rc.d
            if [ ! -e "$policy" ]; then
                trap 'rm -f "$policy"' EXIT
                printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
            fi
            apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
            """;
        await ShortCommand.RunAsync(
            ["bash", "-c", Script, "install", .. packages],
            quiet,
            cancellation
        );
    }
}
