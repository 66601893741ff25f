using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust.Revocation;

/// <summary>Asks about one certificate: its responders first, then its lists, in the order in which it names them.</summary>
public sealed class RevocationCheck(
    RevocationFetch fetch,
    RevocationTable table,
    IOptions<RevocationOptions> options,
    TimeProvider clock
)
{
    /// <exception cref="RevocationException">No answer that can be believed; the message names each try.</exception>
    public async Task<RevocationFinding> AskAsync(
        X509Certificate2 certificate,
        X509Certificate2 issuer,
        CancellationToken cancellation
    )
    {
        var addresses = RevocationAddresses.Of(certificate);
        if (addresses.AreNone)
        {
            throw new RevocationException("the certificate names nobody to ask");
        }
        var failures = new List<string>();
        foreach (var responder in addresses.Ocsp)
        {
            if (await TryAsync(responder, AskResponderAsync) is { } finding)
            {
                return finding;
            }
        }
        foreach (var address in addresses.Lists)
        {
            if (await TryAsync(address, AskListAsync) is { } finding)
            {
                return finding;
            }
        }
        throw new RevocationException(string.Join("; ", failures));

        async Task<RevocationFinding?> TryAsync(
            Uri address,
            Func<
                Uri,
                X509Certificate2,
                X509Certificate2,
                CancellationToken,
                Task<RevocationFinding>
            > ask
        )
        {
            try
            {
                return await ask(address, certificate, issuer, cancellation);
            }
            catch (RevocationException failure)
            {
                failures.Add($"{address}: {failure.Message}");
                return null;
            }
        }
    }

    private async Task<RevocationFinding> AskResponderAsync(
        Uri responder,
        X509Certificate2 certificate,
        X509Certificate2 issuer,
        CancellationToken cancellation
    )
    {
        var question = new OcspQuestion(certificate, issuer);
        var answer = await fetch.AskAsync(responder, question.Encoded, cancellation);
        return OcspAnswer.Read(
            answer,
            question,
            clock.GetUtcNow(),
            options.Value.ClockSkew,
            responder.AbsoluteUri
        );
    }

    private async Task<RevocationFinding> AskListAsync(
        Uri address,
        X509Certificate2 certificate,
        X509Certificate2 issuer,
        CancellationToken cancellation
    )
    {
        var now = clock.GetUtcNow();
        var key = SHA256.HashData(issuer.RawDataMemory.Span);
        var kept = await table.ListAsync(
            key,
            address,
            now - options.Value.LongestPause,
            cancellation
        );
        if (kept is not null && IsStillNew(RevocationList.Read(kept, issuer), now) is { } list)
        {
            return list.About(certificate, address.AbsoluteUri);
        }
        var encoded = await fetch.GetListAsync(address, cancellation);
        var fetched = RevocationList.Read(encoded, issuer);
        fetched.CheckTime(now, options.Value.ClockSkew);
        // Kept only when it was found good: a lie must not be remembered.
        await table.KeepListAsync(key, address, encoded, now, cancellation);
        return fetched.About(certificate, address.AbsoluteUri);
    }

    /// <summary>In the first half of its time; after that the next one may be there.</summary>
    private static RevocationList? IsStillNew(RevocationList list, DateTimeOffset now) =>
        list.NextUpdate is { } next && now < list.ThisUpdate + (next - list.ThisUpdate) / 2
            ? list
            : null;
}
