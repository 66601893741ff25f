using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Axis.Hub.Access.Keys;

/// <summary>
/// A certificate's subject as RabbitMQ writes it (<c>ssl_cert_login_from = distinguished_name</c>): RFC 4514, last
/// attribute first, every byte outside printable ASCII as a backslash and two digits. It always has a <c>=</c>, which no
/// account has, so a certificate never passes for an account.
/// </summary>
public static class BrokerName
{
    private static readonly Dictionary<string, string> s_attributes = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.4"] = "SN",
        ["2.5.4.5"] = "SERIALNUMBER",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["2.5.4.12"] = "TITLE",
        ["2.5.4.42"] = "GIVENNAME",
        ["2.5.4.43"] = "INITIALS",
        ["2.5.4.44"] = "GENERATIONQUALIFIER",
        ["2.5.4.65"] = "PSEUDONYM",
        ["0.9.2342.19200300.100.1.1"] = "UID",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["1.2.840.113549.1.9.1"] = "EMAILADDRESS",
    };

    public static bool IsOne(string username) => username.Contains('=', StringComparison.Ordinal);

    /// <exception cref="AsnContentException">The name holds what is no text.</exception>
    public static string Of(X500DistinguishedName subject)
    {
        var names = new AsnReader(subject.RawData, AsnEncodingRules.DER).ReadSequence();
        var parts = new List<string>();
        while (names.HasData)
        {
            var together = names.ReadSetOf();
            var attributes = new List<string>();
            while (together.HasData)
            {
                var attribute = together.ReadSequence();
                var type = attribute.ReadObjectIdentifier();
                var value = Encoding.UTF8.GetBytes(TextOf(attribute));
                attributes.Add($"{s_attributes.GetValueOrDefault(type, type)}={Escaped(value)}");
            }
            parts.Add(string.Join('+', attributes));
        }
        parts.Reverse();
        return string.Join(',', parts);
    }

    private static string TextOf(AsnReader value) =>
        value.ReadCharacterString((UniversalTagNumber)value.PeekTag().TagValue);

    private static string Escaped(byte[] value)
    {
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            var c = (char)value[i];
            if (c is < ' ' or >= '~')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{value[i]:X2}");
                continue;
            }
            if (
                c is '"' or '+' or ',' or ';' or '<' or '>' or '\\'
                || (i == 0 && c is (' ' or '#'))
                || (i == value.Length - 1 && c == ' ')
            )
            {
                text.Append('\\');
            }
            text.Append(c);
        }
        return text.ToString();
    }
}
