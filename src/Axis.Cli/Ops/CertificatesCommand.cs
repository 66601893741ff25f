using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>
/// <c>certs add|list</c>: keys and certificates by which office systems prove who they are; <c>certs expiring</c>:
/// certificates of agencies, which come with the registry's import; <c>certs revoke</c>: the end of one of either.
/// </summary>
internal static class CertificatesCommand
{
    /// <summary>A certificate has a few; the hub refuses more than it wants itself.</summary>
    private const int MostBytes = 64 * 1024;

    private static readonly (string, Func<JsonNode, string>)[] KeyColumns =
    [
        ("Office system", item => DeliveriesCommand.Text(item["officeSystem"])),
        ("Kind", item => DeliveriesCommand.Text(item["kind"])),
        ("Name", item => DeliveriesCommand.Text(item["name"])),
        ("From", item => DeliveriesCommand.Time(item["notBefore"])),
        ("Until", item => DeliveriesCommand.Time(item["notAfter"])),
        ("Revoked", item => DeliveriesCommand.Time(item["revokedAt"])),
        ("SHA-256", item => DeliveriesCommand.Text(item["thumbprint"])),
    ];

    public static Command Build() =>
        new(
            "certs",
            "Keys and certificates of office systems, and agencies' certificates that end."
        )
        {
            Add(),
            List(),
            Expiring(),
            Revoke(),
        };

    private static Command Add()
    {
        var system = new Argument<string>("office-system") { HelpName = "OFFICE-SYSTEM" };
        var file = new Argument<FileInfo>("file")
        {
            Description =
                "One certificate or public key (PEM), P-256 or RSA of at least 2048 bits.",
            HelpName = "PEM",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "add",
            "Register a public key or certificate of an office system (role registrar)."
        )
        {
            system,
            file,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var pem = await ReadAsync(parsed.GetValue(file)!, cancellation);
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var added = await client.PostAsync(
                    $"ops/v1/client-keys/{Uri.EscapeDataString(parsed.GetValue(system)!)}",
                    new JsonObject { ["pem"] = pem },
                    cancellation
                );
                return DeliveriesCommand.ShowOne(added, parsed.GetValue(json), KeyColumns);
            }
        );
        return command;
    }

    private static Command List()
    {
        var system = new Option<string?>("--office-system")
        {
            Description = "Only of this one.",
            HelpName = "ID",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "list",
            "Keys and certificates of office systems, revoked and expired ones too (role registrar)."
        )
        {
            system,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var only = parsed.GetValue(system) is { } id
                    ? $"?officeSystem={Uri.EscapeDataString(id)}"
                    : "";
                return DeliveriesCommand.Show(
                    await client.GetAsync($"ops/v1/client-keys{only}", cancellation),
                    parsed.GetValue(json),
                    "No key is registered.",
                    KeyColumns
                );
            }
        );
        return command;
    }

    private static Command Expiring()
    {
        var within = new Option<int>("--within")
        {
            Description = "In so many days, 0 to 36500.",
            HelpName = "DAYS",
            DefaultValueFactory = _ => 60,
        };
        var json = PackageFile.Json();
        var command = new Command(
            "expiring",
            "Certificates of agencies that end soon, the first to end first."
        )
        {
            within,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return DeliveriesCommand.Show(
                    await client.GetAsync(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"ops/v1/certificates?expiringWithin={parsed.GetValue(within)}"
                        ),
                        cancellation
                    ),
                    parsed.GetValue(json),
                    "None ends so soon.",
                    ("Agency", item => $"{item["agency"]} {item["agencyName"]}"),
                    ("Until", item => DeliveriesCommand.Time(item["notAfter"])),
                    ("Days", item => DeliveriesCommand.Text(item["daysLeft"])),
                    ("Next one", item => (bool?)item["replaced"] == true ? "is there" : "missing"),
                    ("Subject", item => DeliveriesCommand.Text(item["subject"])),
                    ("SHA-256", item => DeliveriesCommand.Text(item["thumbprint"]))
                );
            }
        );
        return command;
    }

    private static Command Revoke()
    {
        var thumbprint = new Argument<string>("sha256")
        {
            Description = "Of the certificate or key, as the lists show it.",
            HelpName = "SHA-256",
        };
        var system = new Option<string?>("--office-system")
        {
            Description =
                "Whose key it is. Without it the certificate of agencies by which packages are signed.",
            HelpName = "ID",
        };
        return OpsOptions.Asking(
            new Command("revoke", "Take a certificate or key back at once (role registrar).")
            {
                thumbprint,
                system,
            },
            async (parsed, client, cancellation) =>
            {
                var which = Uri.EscapeDataString(parsed.GetValue(thumbprint)!);
                await client.DeleteAsync(
                    parsed.GetValue(system) is { } id
                        ? $"ops/v1/client-keys/{Uri.EscapeDataString(id)}/{which}"
                        : $"ops/v1/certificates/{which}",
                    cancellation
                );
                Console.WriteLine("Revoked.");
                return ExitCodes.Ok;
            }
        );
    }

    private static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        await using var stream = PackageFile.Open(file);
        if (stream.Length > MostBytes)
        {
            throw new CommandFailure(ExitCodes.Usage, $"{file.FullName} is too long for one key.");
        }

        using var reader = new StreamReader(stream);
        var pem = await reader.ReadToEndAsync(cancellation);
        // It must never leave the office system, not even to be refused.
        return pem.Contains("PRIVATE KEY", StringComparison.Ordinal)
            ? throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.FullName} holds a private key and was not sent; give the certificate or the public key alone."
            )
            : pem;
    }
}
