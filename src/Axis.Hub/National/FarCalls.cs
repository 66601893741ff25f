using System.Diagnostics.Metrics;
using Axis.Hub.Operations;
using Axis.Vxp.Client;

namespace Axis.Hub.National;

/// <summary>
/// Everything that goes to a far axis passes here: at the pace that is allowed, counted, and with whatever goes wrong on
/// this side (a secret that cannot be read) told as a fault of the link.
/// </summary>
internal sealed class FarCalls(IFarAxis axis, Pace pace, FarMetrics metrics, TimeProvider clock)
{
    public IFarAxis Axis => axis;

    public async Task<FarReply<T>> CallAsync<T>(
        FarRound round,
        string name,
        Func<IFarAxis, Task<FarReply<T>>> call
    )
        where T : class => (await TryCallAsync(round, name, () => Task.FromResult(true), call))!;

    /// <summary>Null when, after the wait for its turn, the call may not be made any more.</summary>
    public async Task<FarReply<T>?> TryCallAsync<T>(
        FarRound round,
        string name,
        Func<Task<bool>> mayCall,
        Func<IFarAxis, Task<FarReply<T>>> call
    )
        where T : class
    {
        await pace.WaitAsync();
        if (!await mayCall())
        {
            return null;
        }
        var began = clock.GetTimestamp();
        FarReply<T> reply;
        try
        {
            reply = await call(axis);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            reply = new(
                null,
                new(FarFaultKind.Unreachable, failure.GetType().Name, failure.Message),
                null
            );
        }
        round.Note(name, reply.Fault, reply.ServerTime, clock.GetUtcNow());
        metrics.Called(
            axis.Name,
            name,
            reply.Fault?.Kind.ToString().ToLowerInvariant() ?? "ok",
            clock.GetElapsedTime(began)
        );
        return reply;
    }
}

/// <summary>Calls evenly, with a second's worth at once. By time that only goes on: a clock may be set back.</summary>
internal sealed class Pace(int perMinute, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _interval = TimeSpan.FromMinutes(1) / perMinute;
    private readonly long _began = clock.GetTimestamp();
    private TimeSpan _next = -Burst;

    private static TimeSpan Burst => TimeSpan.FromSeconds(1);

    public Task WaitAsync()
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetElapsedTime(_began);
            var earliest = now - Burst;
            _next = (_next > earliest ? _next : earliest) + _interval;
            wait = _next - now;
        }
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock) : Task.CompletedTask;
    }
}

/// <summary>The figures of the far axes.</summary>
public sealed class FarMetrics
{
    private readonly Counter<long> _calls;
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _crossed;
    private readonly Gauge<long> _waiting;
    private readonly Gauge<double> _oldest;
    private readonly Gauge<long> _alerts;

    public FarMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HubMetrics.MeterName);
        _calls = meter.CreateCounter<long>(
            "axis.far.calls",
            "{call}",
            "Calls to a far axis, by axis, call and outcome."
        );
        _seconds = meter.CreateHistogram<double>(
            "axis.far.call.duration",
            "s",
            "Of a call to a far axis, by axis and call."
        );
        _crossed = meter.CreateCounter<long>(
            "axis.far.crossed",
            "{package}",
            "Packages that crossed the border, by axis, direction, kind and outcome."
        );
        _waiting = meter.CreateGauge<long>(
            "axis.far.waiting",
            "{package}",
            "Packages that wait to be sent to a far axis, by axis; counted up to 100000."
        );
        _oldest = meter.CreateGauge<double>(
            "axis.far.oldest.age",
            "s",
            "Age of the oldest package that waits for a far axis; 0 when none does."
        );
        _alerts = meter.CreateGauge<long>(
            "axis.far.alerts",
            "{alert}",
            "1 while an alert of an axis lasts, by axis and kind."
        );
    }

    public void Called(string axis, string call, string outcome, TimeSpan took)
    {
        _calls.Add(1, new("axis", axis), new("call", call), new("outcome", outcome));
        _seconds.Record(
            took.TotalSeconds,
            new KeyValuePair<string, object?>("axis", axis),
            new("call", call)
        );
    }

    public void Crossed(string axis, string direction, FarKind kind, string outcome) =>
        _crossed.Add(
            1,
            new("axis", axis),
            new("direction", direction),
            new("kind", kind.ToString().ToLowerInvariant()),
            new("outcome", outcome)
        );

    internal void Waiting(string axis, long packages, TimeSpan oldest)
    {
        _waiting.Record(packages, new KeyValuePair<string, object?>("axis", axis));
        _oldest.Record(oldest.TotalSeconds, new KeyValuePair<string, object?>("axis", axis));
    }

    internal void Alert(string axis, string kind, bool lasts) =>
        _alerts.Record(
            lasts ? 1 : 0,
            new KeyValuePair<string, object?>("axis", axis),
            new("kind", kind)
        );
}
