using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axis.TestKit;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>The secret of a webhook is exchanged while events go on coming.</summary>
public sealed partial class WebhookTests
{
    [Test]
    public async Task While_a_secret_is_exchanged_both_sign_and_then_the_new_one_alone()
    {
        var hook = await AddAsync(_endpoint.Address);
        var old = SecretOf(hook);

        var rotated = await PostAsync(_office, hook, "rotate", new { overlapHours = 2 });
        var fresh = SecretOf(rotated);
        await LetterWithAsync(_office, _commune, "01");
        await CalledAsync(1);
        await TakenAsync(hook);
        var (during, shown) = (_endpoint.Calls.Last(), await ViewAsync(hook));

        _clock.JumpTo(_clock.GetUtcNow().AddHours(3));
        _office.Dispose();
        _commune.Dispose();
        (_office, _commune) = (await _hub.ClientAsync("office"), await _hub.ClientAsync("commune"));
        await LetterWithAsync(_office, _commune, "01");
        await CalledAsync(2);
        var after = _endpoint.Calls.Last();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(fresh, Is.Not.EqualTo(old));
            Assert.That(
                during.Signature.Split(' '),
                Is.EqualTo(new[] { SignedWith(fresh, during), SignedWith(old, during) })
            );
            Assert.That(after.Signature, Is.EqualTo(SignedWith(fresh, after)));
            Assert.That(shown.TryGetProperty("oldSecretUntil", out _), Is.True);
            Assert.That(shown.TryGetProperty("secret", out _), Is.False, "shown once");
            Assert.That(
                (await ViewAsync(hook)).TryGetProperty("oldSecretUntil", out _),
                Is.False,
                "it is over"
            );
        }
    }

    [Test]
    public async Task A_secret_that_leaked_ends_at_once_and_so_does_the_one_of_before_when_rotated_twice()
    {
        var hook = await AddAsync(_endpoint.Address);
        var first = SecretOf(hook);
        var second = SecretOf(await PostAsync(_office, hook, "rotate"));
        var third = SecretOf(await PostAsync(_office, hook, "rotate"));
        await LetterWithAsync(_office, _commune, "01");
        await CalledAsync(1);
        // No push is under way that knows the secrets of before.
        await TakenAsync(hook);
        var twice = _endpoint.Calls.Last();

        var last = SecretOf(await PostAsync(_office, hook, "rotate", new { overlapHours = 0 }));
        await LetterWithAsync(_office, _commune, "01");
        await CalledAsync(2);
        var leaked = _endpoint.Calls.Last();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                twice.Signature.Split(' '),
                Is.EqualTo(new[] { SignedWith(third, twice), SignedWith(second, twice) })
            );
            Assert.That(twice.Signature, Does.Not.Contain(SignedWith(first, twice)));
            Assert.That(leaked.Signature, Is.EqualTo(SignedWith(last, leaked)));
        }
    }

    [TestCase(-1)]
    [TestCase(169)]
    public async Task An_overlap_that_is_none_is_refused(int hours)
    {
        var hook = await AddAsync(_endpoint.Address);
        var answer = await SayAsync(
            _office,
            $"v1/webhooks/{hook.GetProperty("webhookId").GetString()}/rotate",
            new { overlapHours = hours }
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6005" }));
    }

    [Test]
    public async Task Nobody_exchanges_the_secret_of_another_but_an_operator()
    {
        var hook = await AddAsync(_endpoint.Address);
        var path = $"v1/webhooks/{hook.GetProperty("webhookId").GetString()}/rotate";
        using var centre = await _hub.ClientAsync("centre", ops: true);

        var stranger = await SayAsync(_commune, path, new { });
        var operators = await SayAsync(centre, $"ops/{path}", new { });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(stranger.Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(operators.Status, Is.EqualTo(HttpStatusCode.OK), operators.Text);
            Assert.That(SecretOf(operators.Json), Is.Not.EqualTo(SecretOf(hook)));
        }
    }

    private static string SecretOf(JsonElement hook) => hook.GetProperty("secret").GetString()!;

    private static string SignedWith(string secret, ReceivedCall call)
    {
        var signed = Encoding.UTF8.GetBytes($"{call.Id}.{call.Timestamp}.");
        return "v1,"
            + Convert.ToBase64String(
                HMACSHA256.HashData(
                    Convert.FromBase64String(secret["whsec_".Length..]),
                    (byte[])[.. signed, .. call.Body]
                )
            );
    }
}
