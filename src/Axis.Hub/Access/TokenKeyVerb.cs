using System.Security.Cryptography;

namespace Axis.Hub.Access;

/// <summary>
/// <c>token-key next|use|retire</c>: the three steps of a rotation (docs/access.md). Each is safe to repeat, and between
/// them every running node reads the file again by itself.
/// </summary>
public static class TokenKeyVerb
{
    public const string Name = "token-key";

    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args, string keyFile, TextWriter output, TextWriter errors)
    {
        var file = Path.GetFullPath(keyFile);
        if (args is not [("next" or "use" or "retire") and var step])
        {
            errors.WriteLine(
                """
                token-key next     add a key, which verifies from now on
                token-key use      let the newest key sign; the others still verify
                token-key retire   keep only the public half of all keys that do not sign; their tokens end here
                """
            );
            return 2;
        }
        var keys = PemKeys.Read(
            KeyFile.ReadOrCreate(file, AccessOptions.Section, PemKeys.CreateOne),
            file
        );
        var own = keys.Where(key => key.IsPrivate).ToList();
        string[] retired =
        [
            .. keys.Where(key => !key.IsPrivate)
                .Select(key => key.Key.ExportSubjectPublicKeyInfoPem()),
        ];
        switch (step)
        {
            case "next":
                if (own.Count > 1)
                {
                    errors.WriteLine(
                        "There is a next key already: use it, then retire the old one."
                    );
                    return 1;
                }
                own.Add(new(ECDsa.Create(ECCurve.NamedCurves.nistP256), IsPrivate: true));
                break;
            case "use":
                if (own.Count < 2)
                {
                    errors.WriteLine("There is no next key: add one first (token-key next).");
                    return 1;
                }
                own.Reverse();
                break;
            default:
                retired =
                [
                    .. own.Skip(1).Select(key => key.Key.ExportSubjectPublicKeyInfoPem()),
                    .. retired,
                ];
                own.RemoveRange(1, own.Count - 1);
                break;
        }
        KeyFile.Replace(
            file,
            string.Join(
                '\n',
                [.. own.Select(key => key.Key.ExportPkcs8PrivateKeyPem()), .. retired]
            )
        );
        output.WriteLine($"{own.Count} private and {retired.Length} public keys in {file}.");
        return 0;
    }
}
