using System.Buffers.Text;
using System.Security.Cryptography;
using Axis.Cli.Terminal;

namespace Axis.Cli.National;

/// <summary>The secrets of simulated systems, each in a file that only its owner reads. A missing one is made.</summary>
internal sealed class SimSecrets(string folder)
{
    private const int SecretBytes = 32;

    public string FileOf(string id) => Path.Combine(folder, $"{id}.secret");

    public string Of(string id)
    {
        if (id.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '-')))
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                "A system id is of letters, digits, dots and hyphens."
            );
        }
        var file = FileOf(id);
        if (!File.Exists(file))
        {
            Make(file);
        }
        return File.ReadAllText(file).Trim();
    }

    private void Make(string file)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        Directory.CreateDirectory(folder);
        using var writer = new StreamWriter(file, options);
        writer.WriteLine(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));
    }
}
