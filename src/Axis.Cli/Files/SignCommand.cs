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
            Description = "The private key, PEM.",
            HelpName = "PEM",
            Required = true,
        };
        var certificate = new Option<FileInfo>("--cert")
        {
            Description = "Its certificate, PEM, as registered for the sender.",
            HelpName = "PEM",
            Required = true,
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
            output,
            replace,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var signer = Load(parsed.GetValue(certificate)!, parsed.GetValue(key)!);
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

    private static X509Certificate2 Load(FileInfo certificate, FileInfo key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate.FullName, key.FullName);
        }
        catch (Exception e)
            when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{certificate.Name} and {key.Name} are not a certificate and its private key in PEM: {e.Message}"
            );
        }
    }
}
