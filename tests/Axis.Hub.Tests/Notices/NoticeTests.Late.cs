using Axis.Hub.Deadlines;
using Axis.Hub.Delivery;
using Axis.Hub.National;
using Axis.Hub.Registry;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Notices;

/// <summary>Letters that come to an agency long after they were accepted: their ids are old, and news to its clerks.</summary>
public sealed partial class NoticeTests
{
    private const string Immediate = "immediate";

    [TestCase("H99.61", "H99.62", Immediate, TestName = "{m}_told_before")]
    [TestCase("H99.63", "H99.64", "digest", TestName = "{m}_before_the_digest_of_the_other")]
    public async Task Clerks_of_a_successor_hear_of_the_letters_that_were_handed_over_to_it(
        string closing,
        string successor,
        string toldBefore
    )
    {
        await _hub.AddServedAsync($"old-{closing[^2..]}", Door.Http, closing);
        await _hub.AddServedAsync($"heir-{successor[^2..]}", Door.Http, successor);
        await AddContactAsync(closing, $"{closing}@example.vn");
        await AddContactAsync(successor, $"{successor}@example.vn");
        await WishAsync(
            closing,
            new
            {
                arrivals = toldBefore,
                delays = "off",
                digestAt = (string[])["16:00"],
            }
        );
        await WishAsync(successor, new { arrivals = Immediate, delays = Immediate });
        var letter = await SendAsync(TestProvince.Office, closing);
        await RoundAsync();
        // Long enough for the look to be past the letter, and before the digest.
        _clock.Now += TimeSpan.FromHours(1);
        await RoundAsync();

        await _hub.HandOverAsync(closing, null, _clock.Now);
        await _hub.CloseAsync(closing, _clock.Now, successor);
        await Eventually.HoldsAsync(async () =>
        {
            await _hub.Services.GetRequiredService<HandOver>().MoveDueAsync(CancellationToken.None);
            return await _hub.CountAsync("SELECT count(*) FROM late_letter") == 1;
        });
        await RoundAsync();
        await RoundAsync();

        var toldFirst = toldBefore == Immediate ? (string[])[$"{closing}@example.vn"] : [];
        Assert.That(Told(), Is.EqualTo(toldFirst.Append($"{successor}@example.vn")));
        Assert.That(_mail.Mails[^1].TextBody, Does.Contain(letter.Subject));

        // From then on its own working day runs, and whoever lost the letter hears no more of it.
        _mail.Forget();
        var time = _hub.Services.GetRequiredService<WorkingTime>();
        _clock.Now = time.Add(_clock.Now, TimeSpan.FromHours(7));
        await RoundAsync();
        Assert.That(Told(), Is.Empty);
        _clock.Now = time.Add(_clock.Now, TimeSpan.FromHours(2));
        await RoundAsync();
        await RoundAsync();
        Assert.That(Told(), Is.EqualTo(new[] { $"{successor}@example.vn" }));
        Assert.That(_mail.Mails[0].Subject, Does.Contain("chưa được tiếp nhận"));
    }

    [Test]
    public async Task Clerks_of_a_recipient_who_was_registered_late_hear_of_the_letter()
    {
        const string Late = "H99.65";
        await SendAsync();
        await RoundAsync();
        _clock.Now += TimeSpan.FromHours(1);
        await RoundAsync();
        await _hub.AddServedAsync("late", Door.Http, Late);
        await AddContactAsync(Late, $"{Late}@example.vn");
        _registrar.Dispose();
        // With a token of that hour.
        _registrar = await _hub.ClientAsync("registrar", ops: true);
        await WishAsync(Late, new { arrivals = Immediate, delays = "off" });
        var item = Guid.CreateVersion7();
        await ExecuteAsync(
            $$"""
            INSERT INTO far_inward (axis, far_id, id, kind, state, source_id, seen_at, missing)
            SELECT 'national', '{{item}}', '{{item}}', 'document', 'accepted', id, received_at, '{{{Late}}}'
            FROM package ORDER BY id DESC LIMIT 1
            """
        );

        var brought = await _hub
            .Services.GetRequiredService<LateRecipients>()
            .BringAsync(item, "keeper", CancellationToken.None);
        await RoundAsync();
        await RoundAsync();

        Assert.That(brought!.Reasons, Is.Empty);
        Assert.That(Told(), Is.EqualTo(new[] { $"{Late}@example.vn" }));
    }

    private string[] Told() => [.. _mail.Mails.Select(mail => mail.To.Mailboxes.Single().Address)];
}
