using Axis.Hub.Broker;
using Axis.LocalServers;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Broker;

/// <summary>A cluster has several addresses, and the hub needs one that answers.</summary>
public sealed class BrokerAddressTests
{
    [Test]
    public async Task The_hub_goes_over_to_another_node_when_its_own_is_gone_and_back_again()
    {
        await using var hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Delivery:FirstLease", "00:00:03")
        );
        await using var first = TcpRelay.Start(0, hub.Amqp.Port);
        await using var second = TcpRelay.Start(0, hub.Amqp.Port);
        hub.Set("Broker:Uri", "");
        hub.Set("Broker:Uris:0", At(hub.Amqp, 1));
        hub.Set("Broker:Uris:1", At(hub.Amqp, first.Port));
        hub.Set("Broker:Uris:2", At(hub.Amqp, second.Port));
        await hub.RestartAsync();
        using var office = await hub.ClientAsync("office");
        await using var department = await AmqpOfficeSystem.ConnectAsync(hub, "department");
        await department.ListenAsync();

        await SendAsync(office, department);
        Assert.That(first.Connections, Is.Positive, "the first that answers");

        first.Cut();
        await SendAsync(office, department);
        Assert.That(second.Connections, Is.Positive, "the next one");

        first.Heal();
        second.Cut();
        await SendAsync(office, department);
    }

    [TestCase]
    [TestCase("Broker:Uri", "http://127.0.0.1:5672/")]
    [TestCase("Broker:Uris:0", "127.0.0.1")]
    public void An_address_that_is_none_ends_the_start(params string[] setting)
    {
        var services = new ServiceCollection();
        services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
            new Microsoft.Extensions.Configuration.ConfigurationManager
            {
                [setting.FirstOrDefault() ?? "Other"] = setting.LastOrDefault(),
            }
        );
        services.AddBroker();
        using var provider = services.BuildServiceProvider();

        var refused = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            _ = provider
                .GetRequiredService<Microsoft.Extensions.Options.IOptions<BrokerOptions>>()
                .Value
        );
        Assert.That(refused!.Message, Does.Contain("Broker:Uri"));
    }

    private static async Task SendAsync(HttpClient office, AmqpOfficeSystem department)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Department);
        await office.SubmitAsync(letter.Signed());
        await department.NextDeliveryAsync(letter.DocumentId);
    }

    private static string At(Uri address, int port) =>
        new UriBuilder(address) { Port = port }
            .Uri
            .AbsoluteUri;
}
