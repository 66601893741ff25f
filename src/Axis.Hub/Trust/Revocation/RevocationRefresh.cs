using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust.Revocation;

/// <summary>
/// Keeps the memory fresh, in the background: notes new certificates in the table, asks about those that are due, and
/// learns what other nodes found out. Whatever fails here fails beside the traffic, never in it.
/// </summary>
public sealed class RevocationRefresh(
    RevocationMemory memory,
    RevocationTable table,
    RevocationCheck check,
    TrustFolder trust,
    RegistryCache registry,
    HubMetrics metrics,
    IOptions<RevocationOptions> options,
    TimeProvider clock,
    ILogger<RevocationRefresh> log
) : BackgroundService
{
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private DateTimeOffset _learntUntil = DateTimeOffset.MinValue.AddDays(1);
    private (RegistrySnapshot? Registry, TrustedAuthorities? Authorities) _expected;

    /// <summary>Everything that is due now: notes, asks, learns. What it found is in force when it returns.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            Expect();
            await NoteAsync(cancellation);
            while (await table.ClaimAsync(clock.GetUtcNow(), cancellation) is { Count: > 0 } due)
            {
                foreach (var certificate in due)
                {
                    await AskAsync(certificate, cancellation);
                }
            }
            await FinishAsync(cancellation);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Without asking anybody: notes what this node met and learns what others found out.</summary>
    public async Task ReloadAsync(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            Expect();
            await NoteAsync(cancellation);
            await FinishAsync(cancellation);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LearnAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Value.Interval > TimeSpan.Zero
            ? RepeatAsync(options.Value.Interval, asks: true, stoppingToken)
            : RepeatAsync(options.Value.ReloadInterval, asks: false, stoppingToken);

    private async Task RepeatAsync(TimeSpan interval, bool asks, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await (asks ? RefreshAsync(stopping) : ReloadAsync(stopping));
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // What is in memory stays in force; its own times say until when.
                log.LogWarning("Revocations could not be refreshed: {Failure}", failure.Message);
            }
            await PauseAsync(interval, wakes: asks, stopping);
        }
    }

    private async Task PauseAsync(TimeSpan interval, bool wakes, CancellationToken stopping)
    {
        // A timer of our own could cancel in the moment after the end, and its exception would end the process.
        using var due = new CancellationTokenSource(interval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, stopping);
        await (
            wakes ? memory.SightedAsync(either.Token) : Task.Delay(Timeout.Infinite, either.Token)
        ).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Certificates of the registry are asked about before the first package that needs them.</summary>
    private void Expect()
    {
        var (snapshot, authorities) = (registry.Current, trust.Current);
        if (_expected == (snapshot, authorities))
        {
            return;
        }
        var now = clock.GetUtcNow();
        foreach (var agency in snapshot.Agencies)
        {
            foreach (var registered in snapshot.CertificatesOf(agency.Id))
            {
                if (!memory.Knows(registered.Certificate) && authorities.Lead(registered, now))
                {
                    ExpectChain(authorities, registered.Certificate, now);
                }
            }
        }
        _expected = (snapshot, authorities);
    }

    private void ExpectChain(
        TrustedAuthorities authorities,
        X509Certificate2 certificate,
        DateTimeOffset now
    )
    {
        foreach (var question in authorities.Judge.Questions(certificate, now))
        {
            memory.Expect(question);
        }
    }

    private async Task NoteAsync(CancellationToken cancellation)
    {
        var sightings = memory.Sightings;
        if (sightings.Count == 0)
        {
            return;
        }
        var now = clock.GetUtcNow();
        await table.AddAsync(sightings, now, cancellation);
        await table.AuditUncheckedAsync(
            sightings.Where(one => one.IsUsed).Select(one => one.Thumbprint),
            now,
            options.Value.Grace,
            cancellation
        );
        foreach (var sighting in sightings)
        {
            memory.Forget(sighting);
        }
    }

    private async Task AskAsync(DueCertificate due, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        using var certificate = X509CertificateLoader.LoadCertificate(due.Certificate);
        using var issuer = X509CertificateLoader.LoadCertificate(due.Issuer);
        if (certificate.NotAfter.ToUniversalTime() < now.UtcDateTime)
        {
            await table.RetireAsync(due, cancellation);
            return;
        }
        // Only who a trusted authority vouches for may send the hub anywhere.
        if (trust.Current.Judge.Questions(certificate, now, [issuer]).Count == 0)
        {
            const string Why = "the certificate leads to no trusted authority any more";
            await table.FailedAsync(due, Why, now, options.Value, cancellation);
            return;
        }
        try
        {
            var finding = await check.AskAsync(certificate, issuer, cancellation);
            var freshUntil = Earlier(
                finding.NextUpdate ?? now + options.Value.FirstRetry,
                now + options.Value.LongestAnswer
            );
            var stored = await table.AnsweredAsync(
                due,
                finding,
                freshUntil,
                now,
                now + PauseUntil(freshUntil, now),
                cancellation
            );
            if (!stored)
            {
                throw new RevocationException("the answer is older than the revocation it denies");
            }
            metrics.RevocationAsked("answered");
        }
        catch (RevocationException failure)
        {
            metrics.RevocationAsked("failed");
            await table.FailedAsync(due, failure.Message, now, options.Value, cancellation);
        }
    }

    private TimeSpan PauseUntil(DateTimeOffset freshUntil, DateTimeOffset now)
    {
        var half = (freshUntil - now) / 2;
        return half < options.Value.FirstRetry ? options.Value.FirstRetry
            : half > options.Value.LongestPause ? options.Value.LongestPause
            : half;
    }

    private async Task FinishAsync(CancellationToken cancellation)
    {
        await table.AuditOverdueAsync(
            clock.GetUtcNow(),
            options.Value.Grace,
            options.Value.AfterGrace,
            cancellation
        );
        await LearnAsync(cancellation);
    }

    private async Task LearnAsync(CancellationToken cancellation)
    {
        var latest = await table.ReadChangesAsync(_learntUntil, memory.Learn, cancellation);
        _learntUntil = latest - Overlap > _learntUntil ? latest - Overlap : _learntUntil;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) =>
        one < other ? one : other;
}
