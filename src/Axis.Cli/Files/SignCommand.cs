using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Cli.Terminal;
using Axis.Signatures;

namespace Axis.Cli.Files;

/// <summary><c>sign FILE</c>: an envelope signature; every other byte stays as it is.</summary>
internal static class SignCommand
{
    public static Command Build()
    {
        var file = PackageFile.Argument();
        var key = new Option<FileInfo>("--key")
        {
            Description = "The private key: PEM, or PKCS#12 (.p12, .pfx) with its certificate.",
            HelpName = "KEY",
            Required = true,
        };
        var certificate = new Option<FileInfo?>("--cert")
        {
            Description =
                "Its certificate, PEM, as registered for the sender; with PKCS#12 it is in the key file.",
            HelpName = "PEM",
        };
        var password = new Option<FileInfo?>("--password-file")
        {
            Description = "A file whose first line is the password of the PKCS#12 file.",
            HelpName = "FILE",
        };
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "Where to write the signed package.",
            HelpName = "OUT",
            Required = true,
        };
        var replace = new Option<bool>("--replace")
        {
            Description = "Replace a signature that is already there.",
        };
        var command = new Command("sign", "Sign an edXML file with an agency's key.")
        {
            file,
            key,
            certificate,
            password,
            output,
            replace,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var signer = Load(
                    parsed.GetValue(certificate),
                    parsed.GetValue(key)!,
                    parsed.GetValue(password)
                );
                await using var package = PackageFile.Open(parsed.GetValue(file)!);
                await SignAsync(
                    package,
                    signer,
                    parsed.GetValue(output)!,
                    parsed.GetValue(replace),
                    cancellation
                );
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static async Task SignAsync(
        Stream package,
        X509Certificate2 signer,
        FileInfo output,
        bool replace,
        CancellationToken cancellation
    )
    {
        // Written aside, so that a failure leaves no half of a package under the name asked for.
        var staging = $"{output.FullName}.part";
        try
        {
            await using (var signed = File.Create(staging))
            {
                EnvelopeSigner.Sign(
                    package,
                    signer,
                    signed,
                    new SigningOptions { ReplaceExisting = replace }
                );
                await signed.FlushAsync(cancellation);
            }

            File.Move(staging, output.FullName, overwrite: true);
        }
        catch (SigningException e)
        {
            throw new CommandFailure(ExitCodes.Refused, $"{e.MessageVi}\n{e.Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CommandFailure(ExitCodes.Usage, e.Message);
        }
        finally
        {
            File.Delete(staging);
        }
    }

    private static X509Certificate2 Load(FileInfo? certificate, FileInfo key, FileInfo? password)
    {
        var isPkcs12 = PrivateKeys.IsPkcs12(key.Name);
        if (!isPkcs12 && certificate is null)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                "A key in PEM needs its certificate: --cert PEM"
            );
        }

        try
        {
            return isPkcs12
                ? PrivateKeys.LoadPkcs12(
                    key.FullName,
                    password is null ? null : File.ReadLines(password.FullName).FirstOrDefault()
                )
                : X509Certificate2.CreateFromPemFile(certificate!.FullName, key.FullName);
        }
        catch (Exception e)
            when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                isPkcs12
                    ? $"{key.Name} is no PKCS#12 file with a private key, or the password is wrong: {e.Message}"
                    : $"{certificate!.Name} and {key.Name} are not a certificate and its private key in PEM: {e.Message}"
            );
        }
    }
}
