using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>
/// A list of revoked certificates (RFC 5280 section 5), verified: signed by the issuer of the certificates it speaks
/// about, complete, and without critical parts that are not understood.
/// </summary>
public sealed class RevocationList
{
    private const string DeltaIndicator = "2.5.29.27";
    private const string IssuingPoint = "2.5.29.28";
    private const string EntryIssuer = "2.5.29.29";

    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0);

    /// <summary>As they stand in the list: an authority's list may have a million, and few are ever asked for.</summary>
    private ReadOnlyMemory<byte> _entries;
    private readonly List<string> _pointAddresses = [];
    private bool _onlyUsers;
    private bool _onlyAuthorities;

    private RevocationList() { }

    public DateTimeOffset ThisUpdate { get; private set; }

    public DateTimeOffset? NextUpdate { get; private set; }

    /// <summary>The issuer's name in a list whose signature is not yet checked: to find out whose it may be.</summary>
    /// <exception cref="RevocationException">The bytes are no list.</exception>
    public static byte[] IssuerNameOf(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var signed = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence().ReadSequence();
            SkipVersion(signed);
            signed.ReadSequence();
            return signed.ReadEncodedValue().ToArray();
        }
        catch (AsnContentException failure)
        {
            throw new RevocationException("this is no revocation list", failure);
        }
    }

    /// <exception cref="RevocationException">The bytes are no list, or none that can be believed.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> encoded, X509Certificate2 issuer)
    {
        try
        {
            var parts = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence();
            var signed = parts.PeekEncodedValue();
            var list = new RevocationList();
            list.ReadSigned(parts.ReadSequence(), issuer);
            if (!AuthoritySignature.Read(parts).Holds(issuer, signed.Span))
            {
                throw new RevocationException("the signature of the list is broken");
            }
            return list;
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException)
        {
            throw new RevocationException("this is no revocation list", failure);
        }
    }

    /// <summary>What the list says of a certificate of its issuer.</summary>
    /// <exception cref="RevocationException">The list does not speak about this certificate.</exception>
    public RevocationFinding About(X509Certificate2 certificate, string source)
    {
        var isAuthority =
            certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is
            { CertificateAuthority: true };
        if (isAuthority ? _onlyUsers : _onlyAuthorities)
        {
            throw new RevocationException("the list is for other kinds of certificates");
        }
        var points = RevocationAddresses.Of(certificate).Lists.Select(uri => uri.OriginalString);
        if (_pointAddresses.Count > 0 && !_pointAddresses.Intersect(points).Any())
        {
            throw new RevocationException("the list belongs to another distribution point");
        }
        var since = RevokedSince(certificate.SerialNumberBytes.Span);
        return new(since is not null, since, ThisUpdate, NextUpdate, source);
    }

    public void CheckTime(DateTimeOffset now, TimeSpan skew)
    {
        if (ThisUpdate > now + skew)
        {
            throw new RevocationException("the list is of a time to come");
        }
        if (NextUpdate < now - skew)
        {
            throw new RevocationException("the list has run out");
        }
    }

    private void ReadSigned(AsnReader signed, X509Certificate2 issuer)
    {
        SkipVersion(signed);
        signed.ReadSequence();
        if (!signed.ReadEncodedValue().Span.SequenceEqual(issuer.SubjectName.RawData))
        {
            throw new RevocationException("the list is by another issuer");
        }
        // RFC 5280 section 4.2.1.3: where key usage is restricted, lists need a usage of their own.
        if (
            issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign)
        )
        {
            throw new RevocationException("the issuer may not sign revocation lists");
        }
        ThisUpdate = ReadTime(signed);
        if (signed.HasData && IsTime(signed.PeekTag()))
        {
            NextUpdate = ReadTime(signed);
        }
        if (signed.HasData && signed.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            _entries = signed.PeekContentBytes();
            CheckEntries(signed.ReadSequence());
        }
        if (signed.HasData && signed.PeekTag().HasSameClassAndValue(Tag0))
        {
            ReadExtensions(signed.ReadSequence(Tag0).ReadSequence());
        }
    }

    private DateTimeOffset? RevokedSince(ReadOnlySpan<byte> serial)
    {
        var entries = new AsnReader(_entries, AsnEncodingRules.BER);
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            if (entry.ReadIntegerBytes().Span.SequenceEqual(serial))
            {
                return ReadTime(entry);
            }
        }
        return null;
    }

    private static void CheckEntries(AsnReader entries)
    {
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            entry.ReadIntegerBytes();
            ReadTime(entry);
            if (entry.HasData)
            {
                ForEachExtension(
                    entry.ReadSequence(),
                    (oid, critical, _) =>
                    {
                        if (critical || oid == EntryIssuer)
                        {
                            throw new RevocationException($"an entry has the extension {oid}");
                        }
                    }
                );
            }
        }
    }

    private void ReadExtensions(AsnReader extensions) =>
        ForEachExtension(
            extensions,
            (oid, critical, value) =>
            {
                if (oid == IssuingPoint)
                {
                    ReadIssuingPoint(new AsnReader(value, AsnEncodingRules.BER).ReadSequence());
                }
                else if (critical || oid == DeltaIndicator)
                {
                    throw new RevocationException($"the list has the extension {oid}");
                }
            }
        );

    /// <summary>RFC 5280 section 5.2.5.</summary>
    private void ReadIssuingPoint(AsnReader point)
    {
        RevocationAddresses.AddNames(point, _pointAddresses);
        while (point.HasData)
        {
            var tag = point.PeekTag();
            if (tag.TagValue is 1 or 2 or 4 or 5)
            {
                var isSet = point.ReadBoolean(tag);
                if (isSet && tag.TagValue is 4 or 5)
                {
                    throw new RevocationException("the list speaks for other issuers");
                }
                _onlyUsers |= isSet && tag.TagValue == 1;
                _onlyAuthorities |= isSet && tag.TagValue == 2;
            }
            else
            {
                throw new RevocationException("the list is for some reasons only");
            }
        }
    }

    private static void ForEachExtension(
        AsnReader extensions,
        Action<string, bool, ReadOnlyMemory<byte>> see
    )
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical =
                extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean)
                && extension.ReadBoolean();
            see(oid, critical, extension.ReadOctetString());
        }
    }

    private static void SkipVersion(AsnReader signed)
    {
        if (signed.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            signed.ReadInteger();
        }
    }

    private static bool IsTime(Asn1Tag tag) =>
        tag.HasSameClassAndValue(Asn1Tag.UtcTime)
        || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
            ? reader.ReadUtcTime()
            : reader.ReadGeneralizedTime();
}
