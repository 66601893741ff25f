using System.Net;
using System.Text;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>
/// The switch of the door: who may turn it, what it takes, and when it takes effect. Also what rests of the secrets, and
/// what else is on the door's own listener.
/// </summary>
public sealed class VxpProvisioningTests
{
    private VxpProvince _province = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _province = await VxpProvince.StartAsync();
        await _province.Hub.AddOperatorAsync("watcher", "viewer");
        await _province.Hub.AddOfficeSystemAsync("queues", Door.Amqp, SignaturePolicy.Record);
    }

    [OneTimeTearDown]
    public Task StopAsync() => _province.DisposeAsync().AsTask();

    [Test]
    public async Task The_hub_makes_the_first_secret_and_shows_it_once()
    {
        var made = await _province.OpenAsync("plain", "on", null);
        var secret = made.GetProperty("secret").GetString()!;
        Assert.That((await ListAsync("plain.h41", secret)).IsOk, Is.True);

        var again = await _province.OpenAsync("plain", "on", null);
        Assert.That(again.TryGetProperty("secret", out _), Is.False);
        Assert.That(again.GetProperty("secrets").GetArrayLength(), Is.EqualTo(1));
        var shown = await _province.Registrar.GetAnswerAsync("ops/v1/office-systems/plain/vxp");
        Assert.That(shown.Text, Does.Not.Contain(secret));
        Assert.That(shown.Json.GetProperty("access").GetString(), Is.EqualTo("on"));

        // Off and on again at the next request, with the same secret.
        await _province.OpenAsync("plain", "off", null);
        Assert.That((await ListAsync("plain.h41", secret)).Words, Does.StartWith("AXIS-2203"));
        await _province.OpenAsync("plain", "receive", null);
        Assert.That((await ListAsync("plain.h41", secret)).IsOk, Is.True);
    }

    [Test]
    public async Task A_new_secret_leaves_the_old_one_its_grace_or_none()
    {
        await _province.OpenAsync("other", "on", VxpProvince.OtherSecret);
        var graceful = await TurnAsync(24);
        Assert.That((await ListAsync("other.h41", graceful)).IsOk, Is.True);
        Assert.That((await ListAsync("other.h41", VxpProvince.OtherSecret)).IsOk, Is.True);

        var sudden = await TurnAsync(0);
        Assert.That((await ListAsync("other.h41", sudden)).IsOk, Is.True);
        Assert.That((await ListAsync("other.h41", graceful)).IsOk, Is.False);
        Assert.That((await ListAsync("other.h41", VxpProvince.OtherSecret)).IsOk, Is.False);

        async Task<string> TurnAsync(int graceHours)
        {
            using var answer = await _province.SetAsync(
                "other",
                new
                {
                    systemId = "other.h41",
                    access = "on",
                    newSecret = true,
                    graceHours,
                }
            );
            var view = JsonSerializer.Deserialize<JsonElement>(
                await answer.Content.ReadAsStringAsync()
            );
            return view.GetProperty("secret").GetString()!;
        }
    }

    [TestCase("nobody", "x.h41", "on", null, HttpStatusCode.NotFound, "AXIS-6004")]
    [TestCase("demo", "", "on", null, HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("demo", "a b", "on", null, HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("demo", "demo.h41", "On", null, HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("demo", "demo.h41", "2", null, HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("demo", "demo.h41", "on", "short", HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase(
        "demo",
        "demo.h41",
        "on",
        "with blanks in the midst",
        HttpStatusCode.BadRequest,
        "AXIS-6005"
    )]
    [TestCase("demo", "other.h41", "on", null, HttpStatusCode.Conflict, "AXIS-2208")]
    [TestCase("queues", "queues.h41", "on", null, HttpStatusCode.Conflict, "AXIS-2207")]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing(
        string officeSystem,
        string systemId,
        string access,
        string? secret,
        HttpStatusCode status,
        string number
    )
    {
        using var answer = await _province.SetAsync(
            officeSystem,
            new
            {
                systemId,
                access,
                secret,
            }
        );
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), text);
        Assert.That(text, Does.Contain(number));
        Assert.That((await ListAsync("demo.h41", VxpProvince.Secret)).IsOk, Is.True);
    }

    [Test]
    public async Task What_an_operator_turned_is_in_the_audit_log_without_the_secret()
    {
        await _province.OpenAsync("listener", "receive", VxpProvince.OtherSecret);
        var audit = await Eventually.GetAsync(async () =>
            await _province.Registrar.GetAnswerAsync("ops/v1/audit?limit=1000") is var lines
            && lines.Text.Contains("vxp.provision", StringComparison.Ordinal)
            && lines.Text.Contains("listener.h41", StringComparison.Ordinal)
                ? lines
                : null
        );
        Assert.That(audit.Text, Does.Not.Contain(VxpProvince.OtherSecret));
    }

    [Test]
    public async Task Nothing_but_the_door_is_on_its_own_listener()
    {
        using var anyone = new HttpClient { BaseAddress = _province.Door };
        foreach (
            var path in (string[])
                ["", "openapi.yaml", "v1/inbox", "metrics", "health/live", "oauth2/token"]
        )
        {
            using var answer = await anyone.GetAsync(new Uri(path, UriKind.Relative));
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("AXIS-6004"), path);
        }
    }

    [Test]
    public async Task A_secret_is_in_no_table_in_the_clear()
    {
        await using var command = _province.Hub.Database.CreateCommand(
            "SELECT sealed FROM vxp_secret"
        );
        await using var reader = await command.ExecuteReaderAsync();
        var rows = 0;
        while (await reader.ReadAsync())
        {
            rows++;
            var stored = Encoding.Latin1.GetString(reader.GetFieldValue<byte[]>(0));
            Assert.That(stored, Does.Not.Contain(VxpProvince.Secret));
            Assert.That(stored, Does.Not.Contain(VxpProvince.OtherSecret));
        }
        Assert.That(rows, Is.GreaterThan(3));
        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM audit WHERE detail::text LIKE '%{VxpProvince.Secret}%'"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task A_sealed_secret_moved_to_another_system_opens_nothing()
    {
        await _province.Hub.ChangeRegistryAsync(
            """
            INSERT INTO vxp_secret (id, office_system_id, sealed)
            SELECT id, 'listener', sealed FROM vxp_secret WHERE office_system_id = 'demo'
            ON CONFLICT DO NOTHING;
            INSERT INTO vxp_secret (id, office_system_id, sealed)
            SELECT gen_random_uuid(), 'listener', sealed FROM vxp_secret WHERE office_system_id = 'demo'
            """
        );
        Assert.That(
            (await ListAsync("listener.h41", VxpProvince.Secret)).Words,
            Does.StartWith("AXIS-2201")
        );
        await _province.Hub.ChangeRegistryAsync(
            """
            DELETE FROM vxp_secret WHERE office_system_id = 'listener'
                AND sealed IN (SELECT sealed FROM vxp_secret WHERE office_system_id = 'demo')
            """
        );
    }

    private Task<RawAnswer> ListAsync(string systemId, string secret) =>
        VxpAsk
            .Of(
                VxpCall.GetReceivedEdocList,
                systemId,
                secret,
                (VxpParameter.MessageType, VxpValue.MessageEdoc)
            )
            .ToAsync(_province.Hub.Http);
}
