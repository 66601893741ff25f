using System.Security.Cryptography.Xml;
using System.Xml;

namespace Axis.Signatures;

/// <summary>Canonical bytes by way of the platform's transforms.</summary>
internal static class Canonical
{
    public static byte[] Document(byte[] package, CanonicalForm form) => Run(form, Load(package));

    /// <summary>SignedInfo as it stands in the package, with the namespaces it inherits.</summary>
    public static byte[] SignedInfo(byte[] package, CanonicalForm form)
    {
        var document = Load(package);
        var element = document.GetElementsByTagName("SignedInfo", DsigUris.Namespace)[0]!;
        return Run(
            form,
            element.SelectNodes(
                "descendant-or-self::node() | descendant-or-self::*/@* | descendant-or-self::*/namespace::*"
            )!
        );
    }

    private static XmlDocument Load(byte[] package)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using var stream = new MemoryStream(package);
        using var reader = XmlReader.Create(
            stream,
            PackageScan.Settings(VerificationOptions.Default)
        );
        document.Load(reader);
        return document;
    }

    private static byte[] Run(CanonicalForm form, object input)
    {
        Transform transform = form.Exclusive
            ? new XmlDsigExcC14NTransform(form.WithComments)
            : new XmlDsigC14NTransform(form.WithComments);
        transform.LoadInput(input);
        using var canonical = (Stream)transform.GetOutput(typeof(Stream));
        using var bytes = new MemoryStream();
        canonical.CopyTo(bytes);
        return bytes.ToArray();
    }
}
