using System.Net;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>A hub that is killed in the middle of a resumable upload.</summary>
public sealed class UploadKillTests
{
    [Test]
    public async Task An_upload_goes_on_after_kill_9_where_it_was_synced()
    {
        await using var hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true
        );
        var letter = (
            new Letter(TestProvince.Office, TestProvince.Commune) with
            {
                AttachmentBytes = 3_000_000,
            }
        ).Signed();
        TusUpload upload;
        using (var before = await hub.ClientAsync("office"))
        {
            upload = await TusUpload.CreateAsync(before, letter.Length);
            Assert.That(
                await upload.SendAsync(0, letter.AsMemory(..1_000_000)),
                Is.EqualTo((HttpStatusCode.NoContent, 1_000_000L))
            );
            await hub.KillAsync();
        }

        await hub.RunAsync();
        using var office = await hub.ClientAsync("office");
        using var commune = await hub.ClientAsync("commune");
        var after = upload.With(office);
        Assert.That(await after.HeadAsync(), Is.EqualTo((HttpStatusCode.OK, 1_000_000L)));
        Assert.That(
            await after.SendAsync(1_000_000, letter.AsMemory(1_000_000..)),
            Is.EqualTo((HttpStatusCode.NoContent, (long)letter.Length))
        );
        var answer = await after.AnswerAsync();
        Assert.That(answer.GetProperty("state").GetString(), Is.EqualTo("accepted"));
        var delivery = answer.GetProperty("receipt").GetProperty("deliveries")[0];
        Assert.That(
            await commune.GetByteArrayAsync(
                new Uri(
                    $"v1/inbox/{delivery.GetProperty("deliveryId").GetGuid()}/content",
                    UriKind.Relative
                )
            ),
            Is.EqualTo(letter)
        );
    }
}
