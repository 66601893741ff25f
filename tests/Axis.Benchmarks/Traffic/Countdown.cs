namespace Axis.Benchmarks.Traffic;

/// <summary>Ends when something has happened as often as was expected.</summary>
internal sealed class Countdown
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _all = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private int _left;

    public Countdown(int expected)
    {
        _left = expected;
    }

    public void Count()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _all.TrySetResult();
        }
    }

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _all.Task.WaitAsync(Longest, cancellationToken);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException(
                $"{Volatile.Read(ref _left)} did not come in {Longest}",
                late
            );
        }
    }
}
