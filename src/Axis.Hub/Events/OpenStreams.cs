using System.Collections.Concurrent;
using Axis.Hub.Errors;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events;

/// <summary>Counts the open streams of this node: so many of one caller, so many in all.</summary>
public sealed class OpenStreams(IOptions<EventOptions> options)
{
    private readonly ConcurrentDictionary<string, int> _ofCaller = new(StringComparer.Ordinal);
    private int _all;

    public int Count => Volatile.Read(ref _all);

    /// <summary>A place, to be given back; or why there is none.</summary>
    public (IDisposable? Place, ErrorItem? Refused) Enter(string callerId)
    {
        if (Interlocked.Increment(ref _all) > options.Value.MaxStreams)
        {
            Interlocked.Decrement(ref _all);
            return (null, EventErrors.TooManyStreams.At(null, null, options.Value.MaxStreams));
        }
        if (
            _ofCaller.AddOrUpdate(callerId, 1, (_, open) => open + 1)
            > options.Value.MaxStreamsPerCaller
        )
        {
            Leave(callerId);
            return (
                null,
                EventErrors.TooManyStreams.At(null, null, options.Value.MaxStreamsPerCaller)
            );
        }
        return (new Place(this, callerId), null);
    }

    private void Leave(string callerId)
    {
        _ofCaller.AddOrUpdate(callerId, 0, (_, open) => open - 1);
        Interlocked.Decrement(ref _all);
    }

    private sealed class Place(OpenStreams streams, string callerId) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                streams.Leave(callerId);
            }
        }
    }
}
