using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Axis.TestKit;

/// <summary>How a mail server behaves.</summary>
public enum MailServerMood
{
    Well,

    /// <summary>Takes the connection and says nothing.</summary>
    Silent,

    /// <summary>Refuses every recipient.</summary>
    Refusing,

    /// <summary>Takes the whole mail and hangs up instead of saying so.</summary>
    HangingUp,
}

/// <summary>A real SMTP server of the tests, without TLS: enough of RFC 5321 for a mail to come in.</summary>
public sealed class MailServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(MimeMessage Mail, string[] To)> _taken = new();

    public MailServer()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public MailServerMood Mood { get; set; }

    /// <summary>Mailboxes that are refused beside others that are not, and the words in which they are.</summary>
    public ConcurrentDictionary<string, string> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>What was taken, in order.</summary>
    public IReadOnlyList<MimeMessage> Mails => [.. _taken.Select(one => one.Mail)];

    /// <summary>The mailboxes that each of <see cref="Mails"/> was taken for.</summary>
    public IReadOnlyList<string[]> Recipients => [.. _taken.Select(one => one.To)];

    public void Forget()
    {
        _taken.Clear();
        Refused.Clear();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token), _stop.Token);
            }
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task TalkAsync(TcpClient client, CancellationToken stop)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                if (Mood == MailServerMood.Silent)
                {
                    await reader.ReadLineAsync(stop);
                    return;
                }
                await SayAsync("220 test ESMTP");
                var to = new List<string>();
                while (await reader.ReadLineAsync(stop) is { } line)
                {
                    var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                    if (verb == "DATA")
                    {
                        await SayAsync("354 go on");
                        var mail = await DataAsync(reader, stop);
                        if (Mood == MailServerMood.HangingUp)
                        {
                            return;
                        }
                        _taken.Enqueue((mail, [.. to]));
                        await SayAsync("250 taken");
                    }
                    else if (verb == "QUIT")
                    {
                        await SayAsync("221 bye");
                        return;
                    }
                    else if (verb == "RCPT")
                    {
                        var mailbox = line[(line.IndexOf('<') + 1)..line.IndexOf('>')];
                        var refusal =
                            Mood == MailServerMood.Refusing
                                ? "550 no such user"
                                : Refused.GetValueOrDefault(mailbox);
                        if (refusal is null)
                        {
                            to.Add(mailbox);
                        }
                        await SayAsync(refusal ?? "250 ok");
                    }
                    else
                    {
                        to.Clear();
                        await SayAsync("250 ok");
                    }
                }

                async Task SayAsync(string text) =>
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), stop);
            }
            catch (Exception ended) when (ended is IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<MimeMessage> DataAsync(StreamReader reader, CancellationToken stop)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(stop) is { } line && line != ".")
        {
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }
        using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()));
        return await MimeMessage.LoadAsync(bytes, stop);
    }
}
