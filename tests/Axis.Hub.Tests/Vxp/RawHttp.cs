using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Axis.Hub.Tests.Vxp;

/// <summary>What came back on a socket, to its last byte.</summary>
/// <param name="Interim">Whether 100 Continue came first.</param>
internal sealed record RawAnswer(int Status, string Head, byte[] Body, bool Interim)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string Code => Json.GetProperty("ErrorCode").GetString()!;

    public string Words => Json.GetProperty("ErrorDesc").GetString()!;

    public bool IsOk => Code == "0";

    public IReadOnlyList<JsonElement> Items => [.. Json.GetProperty("data").EnumerateArray()];
}

/// <summary>HTTP as bytes on a socket, for what no client library would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends the bytes as they are and reads until the server closes, as this door always does.</summary>
    public static Task<RawAnswer> AskAsync(Uri address, byte[] request) =>
        AskAsync(address, request, []);

    /// <summary>The same, with the body held back until the server asks for it.</summary>
    /// <param name="held">What is sent after the first bytes of an answer; nothing to send all at once.</param>
    public static async Task<RawAnswer> AskAsync(Uri address, byte[] request, byte[] held)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(request);
        using var all = new MemoryStream();
        if (held.Length > 0)
        {
            var first = new byte[1024];
            all.Write(first.AsSpan(0, await stream.ReadAsync(first)));
            await stream.WriteAsync(held);
        }
        try
        {
            await stream.CopyToAsync(all);
        }
        catch (IOException) when (all.Length > 0)
        {
            // Refused before it was read to its end, and answered all the same.
        }
        return Read(all.ToArray());
    }

    private static RawAnswer Read(byte[] bytes)
    {
        var interim = bytes.AsSpan().StartsWith("HTTP/1.1 100 "u8);
        if (interim)
        {
            bytes = bytes[(EndOfHead(bytes) + 4)..];
        }
        var end = EndOfHead(bytes);
        var head = Encoding.ASCII.GetString(bytes, 0, end);
        var body = bytes[(end + 4)..];
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            body = Unchunked(body);
        }
        var status = int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture);
        return new RawAnswer(status, head, body, interim);
    }

    private static int EndOfHead(byte[] bytes) => bytes.AsSpan().IndexOf("\r\n\r\n"u8);

    private static byte[] Unchunked(ReadOnlySpan<byte> body)
    {
        using var whole = new MemoryStream();
        while (true)
        {
            var line = body.IndexOf("\r\n"u8);
            var size = int.Parse(
                Encoding.ASCII.GetString(body[..line]),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture
            );
            if (size == 0)
            {
                return whole.ToArray();
            }
            whole.Write(body.Slice(line + 2, size));
            body = body[(line + 2 + size + 2)..];
        }
    }
}
