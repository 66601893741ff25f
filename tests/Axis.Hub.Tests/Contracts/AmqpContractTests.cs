using System.Text.Json;
using Axis.Hub.Broker;
using Axis.TestKit;

namespace Axis.Hub.Tests.Contracts;

/// <summary>
/// The broker has the exchange, the queues and the routing keys of the contract. That every single message is as
/// described is checked in all tests, by <see cref="AmqpOfficeSystem"/>.
/// </summary>
public sealed class AmqpContractTests
{
    private const string OfficeSystem = "{officeSystem}";

    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub_and_let_it_declare()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _hub.DisposeAsync();

    [Test]
    public async Task The_exchanges_are_those_of_the_contract()
    {
        var described = Bindings("exchange")
            .Select(one =>
                (
                    one["name"]!.Text,
                    one["type"]!.Text,
                    Flag(one, "durable"),
                    Flag(one, "autoDelete")
                )
            )
            .Distinct();
        var declared = (await ListAsync("exchanges"))
            // The broker's own: the default exchange has no name.
            .Where(one =>
                Text(one, "name") is { Length: > 0 } name
                && !name.StartsWith("amq.", StringComparison.Ordinal)
                // The hub's own, between two queues of its own.
                && name is not (Topology.LaterExchange or Topology.OverQuotaExchange)
            )
            .Select(one =>
                (
                    Text(one, "name"),
                    Text(one, "type"),
                    Flag(one, "durable"),
                    Flag(one, "auto_delete")
                )
            );

        Assert.That(declared, Is.EquivalentTo(described));
    }

    [Test]
    public async Task An_office_system_on_the_amqp_door_has_the_queues_of_the_contract()
    {
        var described = Bindings("queue")
            .Select(one =>
                (
                    one["name"]!.Text!.Replace(
                        OfficeSystem,
                        "department",
                        StringComparison.Ordinal
                    ),
                    Flag(one, "durable"),
                    Flag(one, "exclusive"),
                    Flag(one, "autoDelete")
                )
            );
        var declared = (await ListAsync("queues"))
            .Where(one => Text(one, "name").Contains("department", StringComparison.Ordinal))
            .Select(one =>
                (
                    Text(one, "name"),
                    Flag(one, "durable"),
                    Flag(one, "exclusive"),
                    Flag(one, "auto_delete")
                )
            );

        Assert.That(declared, Is.EquivalentTo(described));
    }

    [Test]
    public async Task All_other_queues_are_the_hubs_own_or_of_another_office_system()
    {
        var described = Bindings("queue").Select(one => one["name"]!.Text!).ToArray();
        var expected = (string[])
            [
                Topology.Submissions,
                Topology.DeadSubmissions,
                Topology.LaterSubmissions,
                Topology.OverQuotaSubmissions,
                .. from name in described
                from id in (string[])["office", "department", "commune"]
                select name.Replace(OfficeSystem, id, StringComparison.Ordinal),
            ];
        Assert.That(
            (await ListAsync("queues")).Select(one => Text(one, "name")),
            Is.SubsetOf(expected)
        );
    }

    [Test]
    public async Task The_routing_keys_of_the_contract_lead_to_the_hub_and_no_others()
    {
        var described = ContractAmqp.File.Root["channels"]!
            .Members.Select(channel => channel.Node)
            .Where(channel => channel["bindings"]!["amqp"]!["is"]!.Text == "routingKey")
            .Select(channel =>
                (
                    channel["bindings"]!["amqp"]!["exchange"]!["name"]!.Text!,
                    channel["address"]!.Text!.Replace(OfficeSystem, "#", StringComparison.Ordinal),
                    Topology.Submissions
                )
            );
        var declared = (await ListAsync("bindings"))
            .Where(one =>
                Text(one, "source")
                    is { Length: > 0 }
                        and not (Topology.LaterExchange or Topology.OverQuotaExchange)
            )
            .Select(one =>
                (Text(one, "source"), Text(one, "routing_key"), Text(one, "destination"))
            );

        Assert.That(declared, Is.EquivalentTo(described));
    }

    [Test]
    public void A_message_that_the_contract_does_not_describe_is_noticed()
    {
        var message = new Received(
            Guid.CreateVersion7().ToString(),
            "1",
            "axis.receipt",
            "application/json",
            new Dictionary<string, object?>(),
            """{"kind":"document"}"""u8.ToArray()
        );
        using (Assert.EnterMultipleScope())
        {
            AssertRefused("axis.events.office", message, "$.packageId: is required");
            AssertRefused("axis.inbox.office", message, "has no such message");
            AssertRefused("axis.events.commune", message, "no such queue");
            AssertRefused("axis.events.office", message with { Type = "axis.news" }, "has no such");
            AssertRefused("axis.events.office", message with { MessageId = "1" }, "is no uuid");
            AssertRefused(
                "axis.inbox.office",
                message with
                {
                    Type = "axis.document",
                    ContentType = "application/xml",
                },
                "$.x-axis-sha256: is required"
            );
        }

        static void AssertRefused(string queue, Received message, string why) =>
            Assert.That(
                () => ContractAmqp.Hold(queue, "office", message),
                Throws.TypeOf<ContractException>().With.Message.Contains(why)
            );
    }

    private Task<IReadOnlyList<JsonElement>> ListAsync(string kind) =>
        LocalServersSetUp.Servers.ListAsync(_hub.Amqp, kind);

    private static IEnumerable<ContractNode> Bindings(string kind) =>
        ContractAmqp.File.Root["channels"]!
            .Members.Select(channel => channel.Node["bindings"]!["amqp"]![kind])
            .OfType<ContractNode>();

    private static bool Flag(ContractNode node, string name) => node[name]!.Text == "true";

    private static bool Flag(JsonElement element, string name) =>
        element.GetProperty(name).GetBoolean();

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString()!;
}
