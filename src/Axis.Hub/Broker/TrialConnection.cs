using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Broker;

/// <summary>
/// A connection beside the hub's own, on which queues in trouble are tried. Who publishes to a queue that hangs on a new
/// channel stands before it on the broker's side, and when the queue is deleted at last, RabbitMQ 3.10 closes his whole
/// connection (541). On the hub's own that would be the submissions, the letters and the events of everybody.
/// </summary>
/// <remarks>Made when the first queue is in trouble, kept after that, and made anew whenever it was closed.</remarks>
public sealed class TrialConnection(BrokerConnection broker) : IConfirmingChannels, IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private IConnection? _open;

    // What was not answered on a connection that was closed meanwhile says nothing about a queue.
    public bool IsServing => broker.IsServing && _open is { IsOpen: true };

    public async Task<IChannel> OpenConfirmingChannelAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_open is not { IsOpen: true })
            {
                await CloseAsync();
                _open = await broker.OpenOwnAsync(cancellationToken);
            }
            return await BrokerConnection.OpenConfirmingChannelAsync(_open, cancellationToken);
        }
        catch (ChannelAllocationException)
        {
            // A channel that stands before a queue that hangs keeps its number. After 2047 tries, a week of them, no queue
            // could be tried any more, whatever had become of that one.
            await CloseAsync();
            throw;
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _opening.Dispose();
    }

    private async Task CloseAsync()
    {
        if (_open is not { } closed)
        {
            return;
        }
        _open = null;
        try
        {
            await closed.DisposeAsync();
        }
        catch (Exception)
        {
            // It is given up because it is broken; how it fails to close changes nothing.
            return;
        }
    }
}
