using System.Net;
using Axis.Hub;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>The places to die in work that is done piece by piece: replays, and uploads that can be resumed.</summary>
public sealed partial class CrashPointTests
{
    [Test]
    [DiesAt(CrashPoint.ReplayStepTaken)] // 18
    public async Task A_step_of_a_replay_is_taken_again_as_if_it_had_not_been()
    {
        await RunSoundAsync();
        var letters = new[]
        {
            new Letter(TestProvince.Office, TestProvince.Department),
            new Letter(TestProvince.Office, TestProvince.Department),
        };
        using (var office = await Hub.ClientAsync("office"))
        {
            foreach (var letter in letters)
            {
                await office.SubmitAsync(letter.Signed());
                await IsDispatchedAsync(letter);
            }
        }
        await using (
            var fail = Hub.Database.CreateCommand(
                """
                UPDATE delivery d SET state = 'failed', failure = 'made', last_error = 'made', changed_at = now()
                FROM package p WHERE p.id = d.package_id AND p.document_id = ANY($1)
                """
            )
        )
        {
            fail.Parameters.Add(
                new() { Value = letters.Select(letter => letter.DocumentId).ToArray() }
            );
            await fail.ExecuteNonQueryAsync();
        }
        await Hub.AddOperatorAsync("replays", "operator");
        await DyingAsync(
            CrashPoint.ReplayStepTaken,
            async _ =>
            {
                using var operations = await Hub.ClientAsync("replays", ops: true);
                using var order = new StringContent(
                    """{"failure":"made","perSecond":100}""",
                    null,
                    "application/json"
                );
                try
                {
                    using var answer = await operations.PostAsync(
                        new Uri("ops/v1/replays", UriKind.Relative),
                        order
                    );
                }
                catch (HttpRequestException)
                {
                    // The step may be quicker than the answer to the order.
                    return;
                }
            }
        );

        foreach (var letter in letters)
        {
            await IsDispatchedAsync(letter);
        }
        Assert.That(
            await Hub.CountAsync("SELECT count(*) FROM replay_item"),
            Is.EqualTo(letters.Length),
            "each is noted once"
        );
    }

    [Test]
    [DiesAt(CrashPoint.UploadPieceSynced)] // 19
    public async Task A_piece_of_an_upload_that_was_not_recorded_is_sent_again()
    {
        var (letter, package) = Large();
        TusUpload? upload = null;
        await DyingAsync(
            CrashPoint.UploadPieceSynced,
            async office =>
            {
                upload = await TusUpload.CreateAsync(office, package.Length);
                await BrokenOffAsync(() => upload.SendAsync(0, package.AsMemory(..1_000_000)));
            }
        );

        using var again = await Hub.ClientAsync("office");
        upload = upload!.With(again);
        Assert.That((await upload.HeadAsync()).Offset, Is.Zero, "nothing counts but the row");
        Assert.That(
            (await upload.SendAsync(0, package.AsMemory())).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        Assert.That(
            (await upload.AnswerAsync()).GetProperty("state").GetString(),
            Is.EqualTo("accepted")
        );
        await IsAcceptedAndCollectedAsync(letter, package, HttpStatusCode.OK);
    }

    [Test]
    [DiesAt(CrashPoint.UploadSubmitted)] // 20
    public async Task A_complete_upload_whose_answer_was_lost_gets_the_first_receipt()
    {
        var (letter, package) = Large();
        TusUpload? upload = null;
        await DyingAsync(
            CrashPoint.UploadSubmitted,
            async office =>
            {
                upload = await TusUpload.CreateAsync(office, package.Length);
                await BrokenOffAsync(() => upload.SendAsync(0, package.AsMemory()));
            }
        );

        Assert.That(await StoredAsync(letter), Is.EqualTo(1));
        using var again = await Hub.ClientAsync("office");
        upload = upload!.With(again);
        // The empty last piece submits it, unless the hub has done so already.
        await upload.SendAsync(package.Length, ReadOnlyMemory<byte>.Empty);
        await Eventually.HoldsAsync(async () =>
            (await upload.AnswerAsync()).GetProperty("state").GetString() == "accepted"
        );
        await IsAcceptedAndCollectedAsync(letter, package, HttpStatusCode.OK);
    }
}
