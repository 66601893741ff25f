using System.Globalization;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks.Traffic;

/// <summary>A province of 3,000 agencies on 30 office systems, all reading their inboxes over AMQP.</summary>
internal sealed class ManyOffices : IAsyncDisposable
{
    public const int Systems = 30;
    public const int AgenciesEach = 100;

    private readonly List<AmqpListener> _listeners = [];
    private Countdown _arrivals = new(0);

    private ManyOffices(TestHub hub)
    {
        Hub = hub;
    }

    public TestHub Hub { get; }

    public static async Task<ManyOffices> StartAsync(SharedTestServers servers)
    {
        var offices = new ManyOffices(await TwoOffices.StartAsync(servers));
        var hub = offices.Hub;
        await hub.ChangeRegistryAsync(
            """
            WITH new AS (
                INSERT INTO agency (id, name, reach, status, kind)
                SELECT gen_random_uuid(), unnest($1), 'province', 'active', 'office' RETURNING id, name
            )
            INSERT INTO agency_code (code, agency_id, is_primary) SELECT name, id, true FROM new
            """,
            // One value, and not a list of them.
            (object)Enumerable.Range(0, Systems).SelectMany(CodesOf).ToArray()
        );
        for (var system = 0; system < Systems; system++)
        {
            await hub.AddOfficeSystemAsync(
                IdOf(system),
                Door.Amqp,
                SignaturePolicy.Record,
                CodesOf(system)
            );
        }
        using (await hub.ClientAsync(IdOf(Systems - 1), @unchecked: true)) { }
        for (var system = 0; system < Systems; system++)
        {
            var listener = await AmqpListener.ConnectAsync(hub, IdOf(system));
            offices._listeners.Add(listener);
            await listener.ListenAsync($"axis.inbox.{IdOf(system)}", offices.CountAsync);
        }
        return offices;
    }

    /// <summary>As many agencies as asked for, spread over the office systems.</summary>
    public static string[] Recipients(int count) =>
        [.. Enumerable.Range(0, count).Select(i => CodesOf(i % Systems)[i / Systems])];

    public Countdown Expect(int deliveries) => _arrivals = new Countdown(deliveries);

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }
        await Hub.DisposeAsync();
    }

    private static string IdOf(int system) =>
        string.Create(CultureInfo.InvariantCulture, $"many-{system:00}");

    private static string[] CodesOf(int system) =>
        [
            .. Enumerable
                .Range(0, AgenciesEach)
                .Select(agency =>
                    string.Create(CultureInfo.InvariantCulture, $"H98.{system + 10}.{agency:00}")
                ),
        ];

    private Task CountAsync(BasicDeliverEventArgs message)
    {
        _arrivals.Count();
        return Task.CompletedTask;
    }
}
