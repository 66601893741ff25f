using System.Net;
using System.Text;
using Axis.Hub.Events;
using Axis.Hub.Events.Webhooks;
using Axis.TestKit;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Events;

/// <summary>What the hub calls for others, and how it signs: the pure parts, and the guard at a real connection.</summary>
public sealed class WebhookGuardTests
{
    [TestCase("8.8.8.8", true)]
    [TestCase("203.162.4.190", true)]
    [TestCase("2001:4860:4860::8888", true)]
    [TestCase("127.0.0.1", false)]
    [TestCase("127.255.255.254", false)]
    [TestCase("10.0.0.1", false)]
    [TestCase("172.16.0.1", false)]
    [TestCase("172.31.255.255", false)]
    [TestCase("172.32.0.1", true)]
    [TestCase("192.168.1.1", false)]
    [TestCase("169.254.169.254", false)]
    [TestCase("100.64.0.1", false)]
    [TestCase("0.0.0.0", false)]
    [TestCase("224.0.0.1", false)]
    [TestCase("255.255.255.255", false)]
    [TestCase("::1", false)]
    [TestCase("::", false)]
    [TestCase("::ffff:10.0.0.1", false)]
    [TestCase("::ffff:8.8.8.8", true)]
    [TestCase("::10.0.0.1", false)]
    [TestCase("64:ff9b::a00:1", false)]
    [TestCase("2002:a00:1::", false)]
    [TestCase("fe80::1", false)]
    [TestCase("fd00::1", false)]
    [TestCase("fd00:ec2::254", false)]
    [TestCase("ff02::1", false)]
    public void Only_public_addresses_are_called(string address, bool allowed) =>
        Assert.That(Guard().Allows(IPAddress.Parse(address)), Is.EqualTo(allowed));

    [TestCase("10.20.1.1", true)]
    [TestCase("::ffff:10.20.1.1", true)]
    [TestCase("10.21.1.1", false)]
    public void A_network_that_is_allowed_opens_no_other(string address, bool allowed) =>
        Assert.That(Guard("10.20.0.0/16").Allows(IPAddress.Parse(address)), Is.EqualTo(allowed));

    [Test]
    public async Task A_name_that_leads_to_a_forbidden_address_is_not_called()
    {
        await using var endpoint = await WebhookEndpoint.StartAsync();
        var byName = new UriBuilder(endpoint.Address) { Host = "localhost" }.Uri;

        var outcome = await CallAsync(Guard(), byName);

        Assert.That(outcome.Error, Does.Contain("not public"));
        Assert.That(endpoint.Calls, Is.Empty);
        Assert.That((await CallAsync(Guard("127.0.0.0/8"), byName)).Error, Is.Null);
    }

    [Test]
    public void The_signature_is_that_of_standard_webhooks() =>
        // The example of the specification's reference libraries.
        Assert.That(
            WebhookSignature.Of(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                DateTimeOffset.FromUnixTimeSeconds(1614265330),
                Encoding.UTF8.GetBytes("""{"test": 2432232314}""")
            ),
            Is.EqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );

    private static async Task<CallOutcome> CallAsync(AddressGuard guard, Uri url)
    {
        using var call = new WebhookCall(
            guard,
            Options.Create(new WebhookOptions { Timeout = TimeSpan.FromSeconds(60) }),
            TimeProvider.System
        );
        return await call.SendAsync(
            url,
            [WebhookSignature.NewSecret()],
            new FeedItem(new FeedPosition(1), Guid.CreateVersion7(), "{}"),
            CancellationToken.None
        );
    }

    private static AddressGuard Guard(params string[] allowed) =>
        new(Options.Create(new WebhookOptions { AllowedNetworks = [.. allowed] }));
}
