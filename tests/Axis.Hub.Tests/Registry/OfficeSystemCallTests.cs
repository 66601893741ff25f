using System.Net;
using System.Text;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>Office systems that a registrar adds and changes, by calls to a whole hub.</summary>
public sealed class OfficeSystemCallTests : RegistrarTest
{
    [Test]
    public async Task An_office_system_is_added_with_everything_its_vendor_needs_and_works_at_once()
    {
        var root = Root();
        await ApplyAsync("catalogue?reach=province", $"code,name\n{root},A\n");
        var id = "new-" + root.ToLowerInvariant();
        var added = await PostJsonAsync(
            "office-systems",
            $$"""{"id":"{{id}}","name":"Mới","inboxDoor":"amqp","signaturePolicy":"record","agencies":["{{root}}"]}"""
        );
        var secret = added.Json.GetProperty("clientSecret").GetString()!;
        Assert.That(await MayEnterAsync(id, secret));
        using var office = await Hub.ClientAsync("office");
        var receipt = await office.SubmitAsync(new Letter(TestProvince.Office, root).Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);

        var twice = await PostJsonAsync(
            "office-systems",
            $$"""{"id":"{{id}}","name":"Mới"}""",
            HttpStatusCode.Conflict
        );
        Assert.That(twice.Codes, Is.EqualTo(new[] { "AXIS-3105" }));

        var rotated = await PostJsonAsync($"office-systems/{id}/rotate", """{"overlapHours":1}""");
        var newer = rotated.Json.GetProperty("clientSecret").GetString()!;
        Assert.That(
            (await MayEnterAsync(id, secret), await MayEnterAsync(id, newer)),
            Is.EqualTo((true, true))
        );
        await PostJsonAsync($"office-systems/{id}/rotate", """{"overlapHours":0}""");
        Assert.That(
            (await MayEnterAsync(id, secret), await MayEnterAsync(id, newer)),
            Is.EqualTo((false, false))
        );

        await PostJsonAsync($"office-systems/{id}/lock", "");
        var shown = await Viewer.GetAnswerAsync($"ops/v1/office-systems/{id}");
        Assert.That(shown.Json.GetProperty("status").GetString(), Is.EqualTo("locked"));
        Assert.That(shown.Json.GetProperty("agencies")[0].GetString(), Is.EqualTo(root));
        Assert.That(shown.Text, Does.Not.Contain(secret).And.Not.Contain(newer));
        await PostJsonAsync($"office-systems/{id}/unlock", "");
    }

    [Test]
    public async Task A_ping_over_either_door_is_answered_and_noted()
    {
        using var department = await Hub.ClientAsync("department");
        var pong = await department.GetAnswerAsync("v1/ping");
        Assert.That(pong.Json.GetProperty("officeSystem").GetString(), Is.EqualTo("department"));
        await using (var amqp = await AmqpOfficeSystem.ConnectAsync(Hub, "department"))
        {
            await amqp.ListenAsync();
            var heartbeat = Guid.CreateVersion7().ToString();
            await amqp.PublishAsync(
                "axis.submit",
                "ack.department",
                """{"deliveryIds":[]}"""u8.ToArray(),
                heartbeat
            );
            var answer = await amqp.AnswerToAsync(heartbeat);
            Assert.That(answer.Type, Is.EqualTo("axis.pong"));
            Assert.That(answer.Json.GetProperty("agencies").GetInt32(), Is.EqualTo(1));
        }
        await Eventually.HoldsAsync(async () =>
        {
            var shown = await Viewer.GetAnswerAsync("ops/v1/office-systems/department");
            return shown.Json.GetProperty("seen").GetArrayLength() == 2;
        });
    }

    [Test]
    public async Task Limits_networks_and_contact_are_kept_and_taken_away_again()
    {
        using var patch = new HttpRequestMessage(HttpMethod.Patch, "ops/v1/office-systems/commune")
        {
            Content = new StringContent(
                """{"requestsPerMinute":600,"maxConnections":3,"allowedNetworks":["10.1.0.0/16","2001:db8::/32"],"contactName":"Văn thư"}""",
                Encoding.UTF8,
                "application/json"
            ),
        };
        using var changed = await Registrar.SendAsync(patch);
        Assert.That(changed.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var system = (await SnapshotAsync()).OfficeSystem("commune")!;
        Assert.That(system.Limits.RequestsPerMinute, Is.EqualTo(600));
        Assert.That(system.Limits.AllowedNetworks, Has.Count.EqualTo(2));
        Assert.That(system.Contact.Name, Is.EqualTo("Văn thư"));

        foreach (
            var (body, status) in ((string, HttpStatusCode)[])
                [
                    (
                        """{"requestsPerMinute":0,"maxConnections":0,"allowedNetworks":[]}""",
                        HttpStatusCode.OK
                    ),
                    ("""{"allowedNetworks":["10.1.0.0/33"]}""", HttpStatusCode.BadRequest),
                    ("""{"maxConnections":-1}""", HttpStatusCode.BadRequest),
                ]
        )
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Patch,
                "ops/v1/office-systems/commune"
            )
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            using var answer = await Registrar.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(status), body);
        }
        Assert.That(
            (await SnapshotAsync()).OfficeSystem("commune")!.Limits,
            Has.Property("RequestsPerMinute").Null
        );
    }
}
