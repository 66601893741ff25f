using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Benchmarks.Traffic;

/// <summary>Two office systems that read over AMQP, each for one agency that signs.</summary>
internal static class TwoOffices
{
    public const string Sender = "H99.70";
    public const string Receiver = "H99.71";
    public const string SenderSystem = "sender";
    public const string ReceiverSystem = "receiver";

    public static async Task<TestHub> StartAsync(
        SharedTestServers servers,
        params (string Key, string Value)[] settings
    )
    {
        var hub = await TestHub.StartAsync(servers, asProcess: true, settings: settings);
        await hub.AddAgencyAsync(Sender, certificate: TestKeys.Of(Sender));
        await hub.AddAgencyAsync(Receiver, certificate: TestKeys.Of(Receiver));
        await hub.AddOfficeSystemAsync(SenderSystem, Door.Amqp, SignaturePolicy.Envelope, Sender);
        await hub.AddOfficeSystemAsync(
            ReceiverSystem,
            Door.Amqp,
            SignaturePolicy.Envelope,
            Receiver
        );
        // The process learns of the last of them a moment later, and then knows all.
        using var known = await hub.ClientAsync(ReceiverSystem, @unchecked: true);
        await SettledLog.MakeAsync(hub);
        return hub;
    }
}
