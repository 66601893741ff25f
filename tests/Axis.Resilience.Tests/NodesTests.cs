using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>Several hubs on one database and broker: no leader, and one may leave without a refused request.</summary>
public sealed class NodesTests
{
    [Test]
    public async Task Nodes_are_replaced_one_after_the_other_and_no_request_is_refused()
    {
        await using var hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        using var first = await hub.ClientAsync("office");
        var token = first.DefaultRequestHeaders.Authorization!;
        // The first answers the broker; the two others are behind the load balancer. A long drain, which the second
        // SIGTERM ends: the test does not rely on how fast anything is noticed.
        (string, string)[] patient = [("Operations:DrainDelay", "00:10:00")];
        var nodes = new List<HubProcess>
        {
            await hub.StartNodeAsync(patient),
            await hub.StartNodeAsync(patient),
        };
        var balancer = new Balancer(nodes);
        var sent = new ConcurrentBag<Guid>();
        var refused = new ConcurrentBag<string>();
        using var enough = new CancellationTokenSource();
        var senders = Enumerable
            .Range(0, 4)
            .Select(_ => SendAsync(balancer, token, sent, refused, enough.Token))
            .ToArray();
        try
        {
            for (var i = 0; i < nodes.Count; i++)
            {
                var before = sent.Count;
                var leaving = nodes[i];
                leaving.Terminate();
                await Eventually.HoldsAsync(async () => !await IsReadyAsync(leaving));
                // It still answers whoever has not noticed.
                using (var late = Client(leaving, token))
                {
                    Assert.That(
                        (await late.SubmitAsync(NewLetter())).Status,
                        Is.EqualTo(HttpStatusCode.Created)
                    );
                }
                balancer.Use(nodes.Where(node => node != leaving).ToArray());
                await balancer.QuietAsync(leaving);
                leaving.Terminate();
                await leaving.WaitForExitAsync();
                nodes[i] = await hub.StartNodeAsync(patient);
                balancer.Use([.. nodes]);
                await Eventually.HoldsAsync(() => Task.FromResult(sent.Count > before + 8));
            }
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(senders);
        }
        Assert.That(refused, Is.Empty);
        Assert.That(
            await hub.CountAsync(
                $"SELECT count(*) FROM package WHERE id = ANY('{{{string.Join(',', sent)}}}')"
            ),
            Is.EqualTo(sent.Count)
        );
        // AMQP inboxes were filled by whichever node: once each, nothing left over.
        await Eventually.HoldsAsync(async () =>
            await hub.CountAsync("SELECT count(*) FROM delivery WHERE state = 'waiting'") == 0
        );
        await Task.WhenAll(nodes.Select(node => node.StopAsync()));
    }

    private static byte[] NewLetter() =>
        new Letter(TestProvince.Office, TestProvince.Department).Signed();

    private static async Task SendAsync(
        Balancer balancer,
        AuthenticationHeaderValue token,
        ConcurrentBag<Guid> sent,
        ConcurrentBag<string> refused,
        CancellationToken enough
    )
    {
        while (!enough.IsCancellationRequested)
        {
            using var turn = balancer.Next();
            using var client = Client(turn.Node, token);
            try
            {
                var answer = await client.SubmitAsync(NewLetter());
                if (answer.Status == HttpStatusCode.Created)
                {
                    sent.Add(answer.PackageId);
                }
                else
                {
                    refused.Add(answer.Text);
                }
            }
            catch (HttpRequestException e)
            {
                refused.Add(e.Message);
            }
        }
    }

    private static HttpClient Client(HubProcess node, AuthenticationHeaderValue token)
    {
        var client = new HttpClient { BaseAddress = node.Http };
        client.DefaultRequestHeaders.Authorization = token;
        return client;
    }

    private static async Task<bool> IsReadyAsync(HubProcess node)
    {
        using var client = new HttpClient { BaseAddress = node.Ops };
        using var answer = await client.GetAsync(new Uri("health/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Sends requests in turn to the nodes it was told of, and knows who is still answering one.</summary>
    private sealed class Balancer(IReadOnlyList<HubProcess> nodes)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<HubProcess, int> _busy = [];
        private IReadOnlyList<HubProcess> _nodes = [.. nodes];
        private int _turn;

        public void Use(IReadOnlyList<HubProcess> nodes)
        {
            lock (_lock)
            {
                _nodes = nodes;
            }
        }

        public Turn Next()
        {
            lock (_lock)
            {
                var node = _nodes[_turn++ % _nodes.Count];
                _busy[node] = _busy.GetValueOrDefault(node) + 1;
                return new Turn(this, node);
            }
        }

        /// <summary>Requests that were sent before it was taken out are answered, or at least begun.</summary>
        public Task QuietAsync(HubProcess node) =>
            Eventually.HoldsAsync(() =>
            {
                lock (_lock)
                {
                    return Task.FromResult(_busy.GetValueOrDefault(node) == 0);
                }
            });

        public sealed class Turn(Balancer balancer, HubProcess node) : IDisposable
        {
            public HubProcess Node => node;

            public void Dispose()
            {
                lock (balancer._lock)
                {
                    balancer._busy[node]--;
                }
            }
        }
    }
}
