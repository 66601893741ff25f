using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>Where a certificate says that its revocation can be asked for. Only http and https count.</summary>
/// <param name="Ocsp">Responders (RFC 6960), from the authority information access.</param>
/// <param name="Lists">Revocation lists (RFC 5280), from the distribution points.</param>
public sealed record RevocationAddresses(IReadOnlyList<Uri> Ocsp, IReadOnlyList<Uri> Lists)
{
    /// <summary>A certificate that names more is up to something.</summary>
    private const int MaxOfAKind = 4;

    private const string DistributionPoints = "2.5.29.31";
    private const string AuthorityInformation = "1.3.6.1.5.5.7.1.1";

    public bool AreNone => Ocsp.Count == 0 && Lists.Count == 0;

    public static RevocationAddresses Of(X509Certificate2 certificate)
    {
        try
        {
            return new(
                Usable(OcspOf(certificate.Extensions[AuthorityInformation])),
                Usable(ListsOf(certificate.Extensions[DistributionPoints]))
            );
        }
        catch (AsnContentException)
        {
            return new([], []);
        }
    }

    private static Uri[] Usable(IEnumerable<string> addresses) =>
        [
            .. addresses
                .Select(address =>
                    Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null
                )
                .OfType<Uri>()
                .Where(uri => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
                .Take(MaxOfAKind),
        ];

    private static List<string> OcspOf(X509Extension? extension)
    {
        var found = new List<string>();
        if (extension is null)
        {
            return found;
        }
        // AuthorityInfoAccessSyntax, RFC 5280 section 4.2.2.1.
        var descriptions = new AsnReader(extension.RawData, AsnEncodingRules.BER).ReadSequence();
        while (descriptions.HasData)
        {
            var description = descriptions.ReadSequence();
            if (description.ReadObjectIdentifier() == "1.3.6.1.5.5.7.48.1")
            {
                AddUri(description, found);
            }
        }
        return found;
    }

    private static List<string> ListsOf(X509Extension? extension)
    {
        var found = new List<string>();
        if (extension is null)
        {
            return found;
        }
        // CRLDistributionPoints, RFC 5280 section 4.2.1.13.
        var points = new AsnReader(extension.RawData, AsnEncodingRules.BER).ReadSequence();
        while (points.HasData)
        {
            AddNames(points.ReadSequence(), found);
        }
        return found;
    }

    /// <summary>The addresses of a DistributionPoint or IssuingDistributionPoint: both begin with its name.</summary>
    internal static void AddNames(AsnReader point, List<string> found)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!point.HasData || !point.PeekTag().HasSameClassAndValue(tag))
        {
            return;
        }
        var name = point.ReadSequence(tag);
        if (name.HasData && name.PeekTag().HasSameClassAndValue(tag))
        {
            var names = name.ReadSequence(tag);
            while (names.HasData)
            {
                AddUri(names, found);
            }
        }
    }

    private static void AddUri(AsnReader names, List<string> found)
    {
        var uri = new Asn1Tag(TagClass.ContextSpecific, 6);
        if (names.PeekTag().HasSameClassAndValue(uri))
        {
            found.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, uri));
        }
        else
        {
            names.ReadEncodedValue();
        }
    }
}
