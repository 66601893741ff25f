using System.CommandLine;
using System.Globalization;
using Axis.Cli.Terminal;
using Axis.Signatures;

namespace Axis.Cli.Files;

/// <summary>
/// <c>verify FILE</c>: the signatures of a package or a PDF; <c>verify RECEIPT PACKAGE</c>: whether the hub signed that
/// it accepted these bytes. Asks nobody: everything it needs lies in files.
/// </summary>
internal static class VerifyCommand
{
    public static Command Build()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "An edXML package, a PDF, or a receipt of the hub (JSON).",
            HelpName = "FILE",
        };
        var package = new Argument<FileInfo?>("package")
        {
            Description = "For a receipt: the package that it is about.",
            HelpName = "PACKAGE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var trust = new Option<DirectoryInfo?>("--trust")
        {
            Description =
                "Certificates of trusted authorities (PEM or DER) and their revocation lists (*.crl).",
            HelpName = "DIR",
        };
        var registered = new Option<FileInfo[]>("--cert")
        {
            Description =
                "A certificate that is registered for the sender (PEM). Without it, the package's own must lead to an authority.",
            HelpName = "PEM",
        };
        var keys = new Option<FileInfo?>("--keys")
        {
            Description = "For a receipt: the hub's public keys, from /.well-known/jwks.json.",
            HelpName = "JWKS",
        };
        var at = new Option<DateTimeOffset?>("--at")
        {
            Description =
                "The time in question, such as 2026-11-20T08:00:00+07:00; now without it.",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (
                    DateTimeOffset.TryParse(
                        result.Tokens[0].Value,
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.AssumeUniversal,
                        out var time
                    )
                )
                {
                    return time;
                }
                result.AddError($"--at: {result.Tokens[0].Value} is no time.");
                return null;
            },
        };
        var json = PackageFile.Json();
        var command = new Command(
            "verify",
            "Verify the signatures of a package or a PDF, or a receipt against its package.\n"
                + "Exit codes: 0 valid; 1 broken, untrusted, expired, revoked or otherwise bad; 2 usage; "
                + "4 good, but revocation could not be checked; 5 nothing is signed."
        )
        {
            file,
            package,
            trust,
            registered,
            keys,
            at,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var path = parsed.GetValue(file)!;
                var verification = await IsReceiptAsync(path, cancellation)
                    ? await ReceiptVerification.RunAsync(
                        path,
                        parsed.GetValue(package),
                        parsed.GetValue(keys),
                        cancellation
                    )
                    : await SignatureVerification.RunAsync(
                        path,
                        Trust(parsed.GetValue(trust)),
                        parsed.GetValue(registered) ?? [],
                        parsed.GetValue(at) ?? TimeProvider.System.GetUtcNow(),
                        cancellation
                    );
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(verification);
                }
                else
                {
                    Print(verification);
                }

                return verification.ExitCode;
            }
        );
        return command;
    }

    private static TrustFiles? Trust(DirectoryInfo? folder)
    {
        if (folder is null)
        {
            return null;
        }

        if (!folder.Exists)
        {
            throw new CommandFailure(ExitCodes.Usage, $"There is no folder {folder.FullName}.");
        }

        var files = TrustFiles.Read(folder.FullName);
        foreach (var problem in files.Problems.Concat(new FileLists(files).Problems))
        {
            Console.Error.WriteLine($"{folder.Name}: {problem}");
        }

        return files;
    }

    private static async Task<bool> IsReceiptAsync(FileInfo file, CancellationToken cancellation)
    {
        await using var stream = PackageFile.Open(file);
        var head = new byte[64];
        var length = await stream.ReadAtLeastAsync(
            head,
            head.Length,
            throwOnEndOfStream: false,
            cancellation
        );
        var text = head.AsSpan(0, length).TrimStart(" \t\r\n\uFEFF"u8);
        // A JSON object, or a JWS: base64url of one.
        return text.StartsWith("{"u8) || text.StartsWith("eyJ"u8);
    }

    private static void Print(Verification verification)
    {
        Console.WriteLine($"{verification.File}: {verification.Verdict}");
        foreach (var part in verification.Parts)
        {
            Console.WriteLine($"  {part.Name}: {part.Verdict}");
            Console.WriteLine($"    {part.ReasonVi}");
            Console.WriteLine($"    {part.Reason}");
            foreach (var signature in part.Signatures ?? [])
            {
                Console.WriteLine(
                    $"    - {signature.Verdict}, {signature.Coverage}, {signature.Signer} {Time(signature.Time)}".TrimEnd()
                );
            }
        }
    }

    private static string Time(DateTimeOffset? time) => time is { } known ? Format.Time(known) : "";
}
