using System.Net;
using Axis.Hub.Intake.Uploads;
using Axis.Hub.Registry;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Axis.Hub.Tests.Intake;

/// <summary>What senders, backups and deaths at a bad moment do to uploads.</summary>
public sealed partial class UploadTests
{
    [Test]
    public async Task More_than_was_announced_closes_the_upload_and_its_beginning_is_nobodys_package(
        [Values] bool saysHowLong
    )
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var bytes = letter.Signed();
        var upload = await TusUpload.CreateAsync(_office, bytes.Length);
        byte[] longer = [.. bytes, 0];
        using HttpContent content = saysHowLong
            ? new ByteArrayContent(longer)
            : new StreamContent(new UnknownLength(longer));
        Assert.That(
            (await upload.SendAsync(0, content)).Status,
            Is.EqualTo(HttpStatusCode.RequestEntityTooLarge)
        );

        var answer = await upload.AnswerAsync();
        Assert.That(answer.GetProperty("state").GetString(), Is.EqualTo("refused"));
        Assert.That(answer.GetProperty("problem").ToString(), Does.Contain("AXIS-6305"));
        Assert.That(
            answer.GetProperty("offset").GetInt64(),
            Is.Zero,
            "at no moment it was complete, or a death now would let it be submitted"
        );
        Assert.That(File.Exists(FileOf(upload)), Is.False);
        // After the keeper has looked for certain.
        await SubmittedByTheKeeperAsync();
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
            ),
            Is.Zero
        );
    }

    [TestCase(0)]
    [TestCase(4_000)]
    public async Task A_file_that_lost_its_end_is_sent_again_from_there_and_never_filled_with_zeros(
        int left
    )
    {
        var letter = LetterOf(10_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        await upload.SendAsync(0, letter.AsMemory(..9_000));
        if (left == 0)
        {
            File.Delete(FileOf(upload));
        }
        else
        {
            await File.WriteAllBytesAsync(FileOf(upload), letter[..left]);
        }
        Assert.That(
            await upload.SendAsync(9_000, letter.AsMemory(9_000..)),
            Is.EqualTo((HttpStatusCode.Conflict, (long)left))
        );
        Assert.That(await upload.HeadAsync(), Is.EqualTo((HttpStatusCode.OK, (long)left)));
        Assert.That(
            (await upload.SendAsync(left, letter.AsMemory(left..))).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        await AssertArrivedAsync((await upload.AnswerAsync()).GetProperty("receipt"), letter);
    }

    [Test]
    public async Task A_complete_upload_whose_file_is_gone_is_told_to_its_sender()
    {
        var letter = LetterOf(10_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        await upload.SendAsync(0, letter.AsMemory(..9_000));
        File.Delete(FileOf(upload));
        await ExecuteAsync($"UPDATE upload SET received = length WHERE id = '{upload.Id}'");
        await Eventually.HoldsAsync(async () =>
            await upload.HeadAsync() == (HttpStatusCode.OK, 0L)
        );
        await upload.DeleteAsync();
    }

    [Test]
    public async Task Complete_uploads_of_who_is_locked_hold_up_nobody_elses()
    {
        await _hub.AddOfficeSystemAsync("khoa-so", Door.Http, SignaturePolicy.Record);
        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'khoa-so'"
        );
        // Older than any other, more than are looked at together.
        await ExecuteAsync(
            """
            INSERT INTO upload (id, office_system_id, length, received, created_at, expires_at)
            SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'khoa-so', 10, 10,
                now(), now() + interval '1 day'
            FROM generate_series(1, 250) n
            """
        );
        await SubmittedByTheKeeperAsync();
        Assert.That(
            await _hub.CountAsync(
                "SELECT count(*) FROM upload WHERE office_system_id = 'khoa-so' AND state = 'open'"
            ),
            Is.EqualTo(250)
        );
        await ExecuteAsync("DELETE FROM upload WHERE office_system_id = 'khoa-so'");
    }

    [Test]
    public async Task An_upload_that_was_complete_is_submitted_though_no_hub_ran_for_its_whole_lifetime()
    {
        var keeper = _hub.Services.GetServices<IHostedService>().OfType<UploadKeeper>().Single();
        await keeper.StopAsync(default);
        var letter = LetterOf(5_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        await upload.SendAsync(0, letter.AsMemory(..^1));
        await File.WriteAllBytesAsync(FileOf(upload), letter);
        await ExecuteAsync(
            $"UPDATE upload SET received = length, expires_at = now() - interval '1 hour' WHERE id = '{upload.Id}'"
        );

        await keeper.StartAsync(default);

        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"SELECT count(*) FROM upload WHERE id = '{upload.Id}' AND state = 'accepted'"
            ) == 1
        );
        await AssertArrivedAsync((await upload.AnswerAsync()).GetProperty("receipt"), letter);
    }

    [Test]
    public async Task A_file_whose_row_went_before_it_does_not_stay_for_ever()
    {
        var upload = await TusUpload.CreateAsync(_office, 1_000);
        await upload.SendAsync(0, new byte[10]);
        // As a death leaves it between the row and the file; and one that somebody may be about to write to.
        var orphan = FileOf(Guid.CreateVersion7());
        var young = FileOf(Guid.CreateVersion7());
        var strange = Path.Combine(_folder, "resumable", "README");
        foreach (var file in (string[])[orphan, young, strange])
        {
            await File.WriteAllTextAsync(file, "a whole letter");
        }
        var longAgo = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-3);
        foreach (var file in (string[])[orphan, strange, FileOf(upload)])
        {
            File.SetLastWriteTimeUtc(file, longAgo);
        }

        await Eventually.HoldsAsync(() => Task.FromResult(!File.Exists(orphan)));

        Assert.That(File.Exists(young), "its row may be seen in a moment");
        Assert.That(File.Exists(strange), "no upload's");
        Assert.That(File.Exists(FileOf(upload)), "an upload that goes on");
        File.Delete(young);
        File.Delete(strange);
        await upload.DeleteAsync();
    }

    /// <summary>Bytes that do not say how many they are.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
