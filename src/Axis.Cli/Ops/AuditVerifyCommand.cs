using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Ops;

/// <summary><c>audit verify</c>: whether the log is as the hub wrote it (docs/audit.md); with file and key it asks nobody.</summary>
internal static class AuditVerifyCommand
{
    public static Command Build()
    {
        var file = new Argument<FileInfo?>("file")
        {
            Description = "What audit export wrote; without it, the log of the hub as it is now.",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var key = new Option<FileInfo?>("--key")
        {
            Description =
                "The hub's public keys (PEM, or JSON as in /oauth2/jwks), kept apart from it. Without it the hub says them: "
                + "good against a changed database, not against a changed hub.",
            HelpName = "FILE",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "verify",
            "Find rows that were altered, deleted, inserted or cut off. Exit code 1: something is not as the hub wrote it."
        )
        {
            file,
            key,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var (export, kept) = (parsed.GetValue(file), parsed.GetValue(key));
                using var client =
                    export is null || kept is null
                        ? await hub.ConnectAsync(parsed, cancellation)
                        : null;
                var keys = kept is not null
                    ? await ReadAsync(kept, cancellation)
                    : AuditKeys.FromKeySet(
                        (await client!.KeySetAsync(cancellation)).ToJsonString()
                    );
                await using var log = export is not null
                    ? PackageFile.Open(export)
                    : await AuditCommand.OpenAsync(client!, from: 1, cancellation);
                var verdict = await AuditFile.VerifyAsync(log, keys, cancellation);
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(verdict);
                }
                else
                {
                    Print(verdict);
                }

                return verdict.Findings.Count == 0 ? ExitCodes.Ok : ExitCodes.Refused;
            }
        );
        return command;
    }

    private static void Print(AuditVerdict verdict)
    {
        foreach (var finding in verdict.Findings)
        {
            Console.WriteLine(
                finding.Seq > 0
                    ? $"line {finding.Line}, row {finding.Seq}: {finding.Message}"
                    : $"line {finding.Line}: {finding.Message}"
            );
        }

        if (verdict.Findings.Count == AuditFile.MostFindings)
        {
            Console.WriteLine("There may be more: the reading ended here.");
        }

        Console.WriteLine(
            $"{verdict.Rows} rows up to {verdict.LastSeq}, {verdict.Checkpoints} good checkpoints: "
                + (verdict.Findings.Count == 0 ? "in order." : "NOT as the hub wrote it.")
        );
        if (verdict.SignedUpTo < verdict.LastSeq)
        {
            Console.WriteLine(
                $"No checkpoint covers the rows after {verdict.SignedUpTo}: whoever holds the database could still rewrite them."
            );
        }
    }

    private static async Task<IReadOnlyDictionary<string, ECDsa>> ReadAsync(
        FileInfo file,
        CancellationToken cancellation
    )
    {
        try
        {
            using var reader = new StreamReader(PackageFile.Open(file));
            var text = await reader.ReadToEndAsync(cancellation);
            var keys = text.TrimStart().StartsWith('{')
                ? AuditKeys.FromKeySet(text)
                : AuditKeys.FromPem(text);
            return keys.Count > 0
                ? keys
                : throw new CryptographicException("There is no key in it.");
        }
        catch (Exception e)
            when (e
                    is CryptographicException
                        or JsonException
                        or KeyNotFoundException
                        or FormatException
                        or InvalidOperationException
            )
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.FullName} holds no public keys of a hub: {e.Message}"
            );
        }
    }
}
