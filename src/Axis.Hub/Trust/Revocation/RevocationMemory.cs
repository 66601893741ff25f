using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust.Revocation;

/// <summary>
/// What this node knows about revocations. Verification asks here and nowhere else, and never waits: what is not known
/// is noted down, and <see cref="RevocationRefresh"/> goes to find out.
/// </summary>
public sealed class RevocationMemory(IOptions<RevocationOptions> options, TimeProvider clock)
    : IRevocationKnowledge,
        IDisposable
{
    /// <summary>More than a country has signers. Beyond it nothing is kept but what the table has.</summary>
    private const int MaxSightings = 100_000;

    private readonly ConcurrentDictionary<string, KnownCertificate> _known = new(
        StringComparer.Ordinal
    );
    private readonly ConcurrentDictionary<string, Sighting> _sightings = new(
        StringComparer.Ordinal
    );
    private readonly SemaphoreSlim _sighted = new(0, 1);
    private volatile FileLists _lists = new(TrustFiles.Empty);

    public RevocationAnswer Ask(RevocationQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var now = clock.GetUtcNow();
        var inFile = _lists.About(question.Certificate, question.Issuer);
        if (inFile is { IsRevoked: true })
        {
            return RevocationAnswer.Revoked(inFile.RevokedAt ?? DateTimeOffset.MinValue);
        }
        var known = _known.GetOrAdd(
            CertificateNames.ThumbprintOf(question.Certificate),
            _ => new KnownCertificate(false, null, null, now, false)
        );
        var answer = known.Answer(now, options.Value.Grace);
        if (answer.State is RevocationState.Good or RevocationState.Revoked)
        {
            return answer;
        }
        if (now <= inFile?.NextUpdate)
        {
            return RevocationAnswer.Good;
        }
        if (!known.IsAudited)
        {
            Note(Sighting.Of(question, isUsed: true));
        }
        return answer;
    }

    public bool Knows(X509Certificate2 certificate) =>
        _known.ContainsKey(CertificateNames.ThumbprintOf(certificate));

    /// <summary>A certificate worth knowing about before it is used.</summary>
    public void Expect(RevocationQuestion question)
    {
        if (!Knows(question.Certificate))
        {
            Note(Sighting.Of(question, isUsed: false));
        }
    }

    /// <summary>The lists of the trust folder as it is now.</summary>
    internal FileLists UseLists(TrustFiles files) => _lists = new FileLists(files);

    /// <summary>What is noted and not yet in the table.</summary>
    internal IReadOnlyCollection<Sighting> Sightings => [.. _sightings.Values];

    /// <summary>The sighting is in the table now.</summary>
    internal void Forget(Sighting sighting) =>
        _sightings.TryRemove(KeyValuePair.Create(sighting.Thumbprint, sighting));

    internal void Learn(string thumbprint, KnownCertificate known) => _known[thumbprint] = known;

    internal Task SightedAsync(CancellationToken cancellation) => _sighted.WaitAsync(cancellation);

    public void Dispose() => _sighted.Dispose();

    private void Note(Sighting sighting)
    {
        if (_sightings.Count >= MaxSightings)
        {
            return;
        }
        // That it was used must not be lost to a later sighting that is only an expectation.
        _sightings.AddOrUpdate(
            sighting.Thumbprint,
            sighting,
            (_, before) => before.IsUsed ? before : sighting
        );
        try
        {
            _sighted.Release();
        }
        catch (SemaphoreFullException)
        {
            // Whoever waits sees all sightings at once.
            return;
        }
    }
}
