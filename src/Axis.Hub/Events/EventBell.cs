namespace Axis.Hub.Events;

/// <summary>Says on this node that events were committed and wait for their number; losing it costs a moment.</summary>
public sealed class EventBell : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already; one look sees all.
            return;
        }
    }

    /// <summary>Returns when it was rung, or the time is up.</summary>
    public async Task WaitAsync(
        TimeSpan atMost,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        // A timer of our own could cancel in the moment after the end, and its exception would end the process.
        using var due = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            due.Token,
            cancellationToken
        );
        try
        {
            await _rung.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    public void Dispose() => _rung.Dispose();
}
