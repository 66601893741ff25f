using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>The revocation lists that lie in the trust folder: for authorities that nobody can ask over the network.</summary>
public sealed class FileLists
{
    private const string Source = "trust folder";

    private readonly Dictionary<string, RevocationList> _byIssuer = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RevocationFinding?> _findings = new(
        StringComparer.Ordinal
    );

    /// <summary>Takes the lists that an authority of the folder signed; the others are named in <see cref="Problems"/>.</summary>
    public FileLists(TrustFiles files)
    {
        var problems = new List<string>();
        foreach (var encoded in files.RevocationLists)
        {
            try
            {
                Add(encoded, files);
            }
            catch (RevocationException failure)
            {
                problems.Add(failure.Message);
            }
        }
        Problems = problems;
    }

    public IReadOnlyList<string> Problems { get; }

    /// <summary>Null when no list speaks about the certificate.</summary>
    public RevocationFinding? About(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        if (
            _byIssuer.Count == 0
            || !_byIssuer.TryGetValue(CertificateNames.ThumbprintOf(issuer), out var list)
        )
        {
            return null;
        }
        return _findings.GetOrAdd(
            CertificateNames.ThumbprintOf(certificate),
            _ =>
            {
                try
                {
                    return list.About(certificate, Source);
                }
                catch (RevocationException)
                {
                    return null;
                }
            }
        );
    }

    private void Add(byte[] encoded, TrustFiles files)
    {
        var name = RevocationList.IssuerNameOf(encoded);
        var issuers = files
            .Anchors.Concat(files.Intermediates)
            .Where(one => one.SubjectName.RawData.AsSpan().SequenceEqual(name))
            .ToArray();
        var found = false;
        if (issuers.Length == 0)
        {
            throw new RevocationException("a revocation list is by nobody in the folder");
        }
        // Two authorities may bear one name; the signature tells whose list it is.
        RevocationException? refused = null;
        foreach (var issuer in issuers)
        {
            RevocationList list;
            try
            {
                list = RevocationList.Read(encoded, issuer);
            }
            catch (RevocationException failure)
            {
                refused = failure;
                continue;
            }
            found = true;
            var key = CertificateNames.ThumbprintOf(issuer);
            if (!_byIssuer.TryGetValue(key, out var other) || other.ThisUpdate < list.ThisUpdate)
            {
                _byIssuer[key] = list;
            }
        }
        if (!found)
        {
            throw refused!;
        }
    }
}
