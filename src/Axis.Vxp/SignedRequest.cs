using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Axis.Vxp;

/// <summary>
/// A request's headers on the side that verifies them, in three steps: <see cref="Read"/> finds who asks and the signed
/// text, <see cref="IsSignedWith"/> proves it, and only then <see cref="Open"/> parses the text and holds every header
/// against it.
/// </summary>
/// <remarks>
/// Header values must be given one character per byte (Latin-1): the hash is over the bytes received, and only so are
/// they all still there.
/// </remarks>
public sealed class SignedRequest
{
    private readonly IReadOnlyCollection<KeyValuePair<string, IReadOnlyList<string>>> _headers;
    private readonly byte[] _text;
    private readonly string _hash;
    private readonly string _key;

    private SignedRequest(
        IReadOnlyCollection<KeyValuePair<string, IReadOnlyList<string>>> headers,
        string systemId,
        byte[] text,
        string hash,
        string key
    )
    {
        _headers = headers;
        SystemId = systemId;
        _text = text;
        _hash = hash;
        _key = key;
    }

    /// <summary>Who says to be asking. Not proved before <see cref="IsSignedWith"/>.</summary>
    public string SystemId { get; }

    /// <summary>Null, with the problem in English, when one of the four headers is missing or stands twice.</summary>
    /// <param name="headers">All headers of the request, those of one name together, names in any case.</param>
    public static SignedRequest? Read(
        IReadOnlyCollection<KeyValuePair<string, IReadOnlyList<string>>> headers,
        out string problem
    )
    {
        if (
            !TryFindOne(
                headers,
                VxpNames.Prefix + VxpParameter.SystemId,
                out var systemId,
                out problem
            )
            || !TryFindOne(headers, VxpNames.SignHeader, out var text, out problem)
            || !TryFindOne(headers, VxpNames.HashHeader, out var hash, out problem)
            || !TryFindOne(headers, VxpNames.SignHeaderKey, out var key, out problem)
        )
        {
            return null;
        }
        return new SignedRequest(headers, systemId, BytesOf(text), hash, key);
    }

    public bool IsSignedWith(string secret) => VxpSignature.IsOf(_text, secret, _hash);

    /// <summary>
    /// The parameters, when the headers say exactly what was signed: no header more, none less, none different. Null,
    /// with the problem in English, otherwise.
    /// </summary>
    public VxpParameters? Open(out string problem)
    {
        var parameters = SignedText.Read(_text, out problem);
        if (parameters is null)
        {
            return null;
        }
        problem =
            ProblemOfNames(parameters)
            ?? ProblemOfValues(parameters)
            ?? ProblemOfHeaders(parameters)
            ?? ProblemOfCommon(parameters)
            ?? "";
        return problem.Length == 0 ? parameters : null;
    }

    private string? ProblemOfNames(VxpParameters parameters)
    {
        if (_key != LatinOf(SignedText.KeyOf(parameters)))
        {
            return "sign-header-key does not list the names of sign-header in their order";
        }
        // docId and docid are the one pair that real programs use side by side.
        var twins = parameters
            .Entries.Select(entry => entry.Key)
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group =>
                group.Count() > 1
                && !group.Key.Equals(VxpParameter.DocId, StringComparison.OrdinalIgnoreCase)
            );
        return twins is null
            ? null
            : "two names in sign-header differ only in case, and they are not docId and docid";
    }

    // Controls cannot travel in a header, so a value that holds one was never sent as it was signed.
    private static string? ProblemOfValues(VxpParameters parameters) =>
        parameters.Entries.Any(entry => entry.Value.Any(char.IsControl))
            ? "a value in sign-header holds a control character"
            : null;

    private string? ProblemOfHeaders(VxpParameters parameters)
    {
        var signed = parameters.Entries.ToLookup(
            entry => LatinOf(entry.Key),
            entry => LatinOf(entry.Value.Trim(' ')),
            StringComparer.OrdinalIgnoreCase
        );
        var sent = 0;
        foreach (var (header, values) in _headers)
        {
            if (
                !header.StartsWith(VxpNames.Prefix, StringComparison.OrdinalIgnoreCase)
                || VxpNames.IsUnsigned(header)
            )
            {
                continue;
            }
            var name = header[VxpNames.Prefix.Length..];
            var expected = signed[name].ToArray();
            if (expected.Length == 0)
            {
                return $"the header {Shown(header)} is not in sign-header";
            }
            // Of docId and docid some clients send two lines, some one with the value of either.
            if (
                values.Count == 0
                || values.Count > expected.Length
                || !values.All(value => expected.Contains(value.Trim(' '), StringComparer.Ordinal))
            )
            {
                return $"the header {Shown(header)} differs from sign-header";
            }
            sent++;
        }
        return sent == signed.Count ? null : "a parameter in sign-header has no header";
    }

    private string? ProblemOfCommon(VxpParameters parameters)
    {
        if (parameters[VxpParameter.SystemId] is null)
        {
            return "sign-header names no systemid in this spelling";
        }
        if (!VxpTimestamp.TryRead(parameters[VxpParameter.Timestamp], out _))
        {
            return "timestamp is not of the form ddMMyyyyTHHmmss+SSSS";
        }
        return
            TryFindOne(_headers, VxpParameter.ContentType, out var type, out _)
            && type == LatinOf(parameters[VxpParameter.ContentType] ?? "")
            ? null
            : "Content-Type differs from XroadVnpt-Content-Type";
    }

    private static bool TryFindOne(
        IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> headers,
        string name,
        [NotNullWhen(true)] out string? value,
        out string problem
    )
    {
        var found = headers
            .Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => header.Value)
            .Take(2)
            .ToArray();
        value = found.Length == 1 ? found[0].Trim(' ') : null;
        problem = value is null ? $"exactly one header {name} was expected" : "";
        return value is not null;
    }

    private static string LatinOf(string text) =>
        Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static byte[] BytesOf(string latin) => Encoding.Latin1.GetBytes(latin);

    // A header's name comes from outside and goes into an answer.
    private static string Shown(string header) => header.Length > 60 ? header[..60] : header;
}
