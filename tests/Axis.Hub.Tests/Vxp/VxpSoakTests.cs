using System.Net.Sockets;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>A province's clients over days: each poll leaves a connection behind that the client never closes.</summary>
public sealed class VxpSoakTests
{
    private const int Rounds = 40;
    private const int PollsARound = 250;

    [Test]
    [Explicit]
    [Category("Long")]
    public async Task Ten_thousand_polls_whose_connections_nobody_closes_leave_none_open()
    {
        await using var province = await VxpProvince.StartAsync();
        var ask = VxpAsk
            .Of(
                VxpCall.GetReceivedEdocList,
                "demo.h41",
                VxpProvince.Secret,
                (VxpParameter.MessageType, VxpValue.MessageEdoc)
            )
            .Bytes();
        for (var round = 0; round < Rounds; round++)
        {
            var sockets = await Task.WhenAll(
                Enumerable.Range(0, PollsARound).Select(_ => PollAsync(province.Hub.Http, ask))
            );
            foreach (var socket in sockets)
            {
                // Zero bytes and no error: the server has closed its side, and holds nothing any more.
                Assert.That(await socket.ReceiveAsync(new byte[1]), Is.Zero);
                socket.Dispose();
            }
        }
        Assert.That((await RawHttp.AskAsync(province.Hub.Http, ask)).IsOk, Is.True);
    }

    /// <summary>Reads the answer to the end that its length gives, as the client does, and leaves the socket.</summary>
    private static async Task<Socket> PollAsync(Uri address, byte[] ask)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync(ask);
        var buffer = new byte[64 * 1024];
        var length = 0;
        // A list goes out in chunks; the last one is empty.
        while (!buffer.AsSpan(0, length).EndsWith("0\r\n\r\n"u8))
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length));
            Assert.That(received, Is.Positive, "the answer broke off");
            length += received;
        }
        return socket;
    }
}
