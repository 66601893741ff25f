using System.Net;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Intake;

/// <summary>Packages that come in pieces: over broken connections, a killed hub, and against those who meddle.</summary>
public sealed partial class UploadTests
{
    private string _folder = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("axis-uploads-").FullName;
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Storage:PayloadFolder", _folder),
                ("Intake:OpenUploads", "3"),
                ("Intake:UploadLookInterval", "00:00:00.200"),
            ]
        );
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_package_in_pieces_is_accepted_like_any_other()
    {
        var letter = LetterOf(1_500_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        foreach (var (from, to) in ((int, int)[])[(0, 1), (1, 700_000), (700_000, letter.Length)])
        {
            Assert.That(
                await upload.SendAsync(from, letter.AsMemory(from..to)),
                Is.EqualTo((HttpStatusCode.NoContent, (long)to))
            );
        }
        var answer = await upload.AnswerAsync();
        Assert.That(answer.GetProperty("state").GetString(), Is.EqualTo("accepted"));
        var receipt = answer.GetProperty("receipt");
        await AssertArrivedAsync(receipt, letter);

        // The same package by the other way gets the first receipt.
        var repeat = await _office.SubmitAsync(letter);
        Assert.That(repeat.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(repeat.PackageId, Is.EqualTo(receipt.GetProperty("packageId").GetGuid()));
        // And nothing of the upload is left but its answer.
        Assert.That(File.Exists(FileOf(upload)), Is.False);
        Assert.That(
            (await upload.SendAsync(letter.Length, ReadOnlyMemory<byte>.Empty)).Status,
            Is.EqualTo(HttpStatusCode.Conflict)
        );
    }

    [Test]
    public async Task A_connection_that_breaks_in_the_middle_costs_only_the_rest()
    {
        var letter = LetterOf(2_000_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        Assert.That(
            async () => await upload.SendAsync(0, new BreakingContent(letter[..1_000_000])),
            Throws.InstanceOf<HttpRequestException>()
        );
        // The hub notices a broken connection when it notices.
        long offset = 0;
        await Eventually.HoldsAsync(async () =>
        {
            offset = (await upload.HeadAsync()).Offset;
            var (status, _) = await upload.SendAsync(offset, ReadOnlyMemory<byte>.Empty);
            return status == HttpStatusCode.NoContent;
        });
        Assert.That(offset, Is.InRange(0, 1_000_000));
        Assert.That(
            (await upload.SendAsync(offset, letter.AsMemory((int)offset..))).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        await AssertArrivedAsync((await upload.AnswerAsync()).GetProperty("receipt"), letter);
    }

    [Test]
    public async Task A_piece_that_does_not_fit_is_refused_and_says_where_to_go_on()
    {
        var letter = LetterOf(10_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        await upload.SendAsync(0, letter.AsMemory(..100));
        foreach (var wrong in (long[])[0, 99, 101, letter.Length + 1])
        {
            Assert.That(
                await upload.SendAsync(wrong, letter.AsMemory(100..200)),
                Is.EqualTo((HttpStatusCode.Conflict, 100L)),
                $"{wrong}"
            );
        }
        var (status, _) = await upload.SendAsync(100, new byte[letter.Length]);
        Assert.That(status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await upload.DeleteAsync(), Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await upload.HeadAsync()).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Of_two_writers_one_writes()
    {
        var letter = LetterOf(100_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        var slow = new StallingContent(letter);
        var first = upload.SendAsync(0, slow);
        await slow.HasBegun;
        // Bytes in the file: the first has it.
        await Eventually.HoldsAsync(() =>
            Task.FromResult(new FileInfo(FileOf(upload)) is { Exists: true, Length: > 0 })
        );
        Assert.That(
            (await upload.SendAsync(0, ReadOnlyMemory<byte>.Empty)).Status,
            Is.EqualTo(HttpStatusCode.Locked)
        );
        slow.GoOn();
        Assert.That((await first).Status, Is.EqualTo(HttpStatusCode.NoContent));
        await AssertArrivedAsync((await upload.AnswerAsync()).GetProperty("receipt"), letter);
    }

    [Test]
    public async Task A_package_that_is_wrong_is_refused_with_every_problem_when_it_is_complete()
    {
        var bytes = "<edXML/>"u8.ToArray();
        var upload = await TusUpload.CreateAsync(_office, bytes.Length);
        await upload.SendAsync(0, bytes);
        var answer = await upload.AnswerAsync();
        Assert.That(answer.GetProperty("state").GetString(), Is.EqualTo("refused"));
        Assert.That(
            answer.GetProperty("problem").GetProperty("errors").GetArrayLength(),
            Is.Positive
        );
    }

    [Test]
    public async Task An_upload_is_nobody_elses()
    {
        var upload = await TusUpload.CreateAsync(_office, 1000);
        var others = upload.With(_commune);
        Assert.That((await others.HeadAsync()).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            (await others.SendAsync(0, new byte[10])).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
        Assert.That(await others.DeleteAsync(), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            (await _commune.GetAnswerAsync(upload.Location.OriginalString)).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
        Assert.That(await upload.HeadAsync(), Is.EqualTo((HttpStatusCode.OK, 0L)));
        await upload.DeleteAsync();
    }

    [Test]
    public async Task What_may_be_open_at_a_time_is_bounded_and_what_is_forgotten_makes_room()
    {
        var open = new List<TusUpload>();
        var tries = Enumerable.Range(0, 8).Select(_ => TusUpload.TryCreateAsync(_commune, 1000));
        foreach (var answer in await Task.WhenAll(tries))
        {
            using (answer)
            {
                if (answer.IsSuccessStatusCode)
                {
                    open.Add(new TusUpload(_commune, answer.Headers.Location!));
                }
                else
                {
                    Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
                }
            }
        }
        Assert.That(open, Has.Count.EqualTo(3));
        await open[0].SendAsync(0, new byte[10]);
        Assert.That(File.Exists(FileOf(open[0])));

        await ExecuteAsync(
            "UPDATE upload SET expires_at = now() WHERE office_system_id = 'commune'"
        );
        Assert.That((await open[0].HeadAsync()).Status, Is.EqualTo(HttpStatusCode.NotFound));
        await Eventually.HoldsAsync(() => Task.FromResult(!File.Exists(FileOf(open[0]))));
        await Eventually.HoldsAsync(async () =>
        {
            using var again = await TusUpload.TryCreateAsync(_commune, 1000);
            return again.IsSuccessStatusCode;
        });
    }

    [Test]
    public async Task An_upload_that_was_complete_when_the_hub_died_is_submitted_without_its_sender()
    {
        var (upload, letter) = await SubmittedByTheKeeperAsync();
        await AssertArrivedAsync((await upload.AnswerAsync()).GetProperty("receipt"), letter);
    }

    [Test]
    public async Task The_rules_of_the_protocol_are_kept()
    {
        using (
            var options = await _office.SendAsync(
                new HttpRequestMessage(HttpMethod.Options, new Uri("v1/uploads", UriKind.Relative))
            )
        )
        {
            Assert.That(options.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(
                options.Headers.GetValues("Tus-Extension").Single(),
                Is.EqualTo("creation,expiration,termination")
            );
        }
        using (
            var unversioned = await _office.PostAsync(new Uri("v1/uploads", UriKind.Relative), null)
        )
        {
            Assert.That(unversioned.StatusCode, Is.EqualTo(HttpStatusCode.PreconditionFailed));
            Assert.That(unversioned.Headers.GetValues("Tus-Version").Single(), Is.EqualTo("1.0.0"));
        }
        foreach (
            var (length, status) in ((long, HttpStatusCode)[])
                [
                    (0, HttpStatusCode.BadRequest),
                    (-1, HttpStatusCode.BadRequest),
                    (100L << 30, HttpStatusCode.RequestEntityTooLarge),
                ]
        )
        {
            using var answer = await TusUpload.TryCreateAsync(_office, length);
            Assert.That(answer.StatusCode, Is.EqualTo(status), $"{length}");
        }
    }

    [Test]
    public async Task An_interrupted_download_goes_on_where_it_stopped_if_the_package_is_the_same()
    {
        var letter = LetterOf(1_500_000);
        var receipt = await _office.SubmitAsync(letter);
        var path = new Uri(
            $"v1/inbox/{receipt.DeliveryTo(TestProvince.Commune)}/content",
            UriKind.Relative
        );
        var tag = $"\"{receipt.Json.GetProperty("sha256").GetString()}\"";

        using var rest = await RangeAsync(path, "bytes=1000000-", tag);
        Assert.That(rest.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(await rest.Content.ReadAsByteArrayAsync(), Is.EqualTo(letter[1_000_000..]));
        Assert.That(rest.Content.Headers.ContentRange!.Length, Is.EqualTo(letter.Length));

        using var whole = await RangeAsync(path, "bytes=1000000-", "\"another\"");
        Assert.That(whole.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await whole.Content.ReadAsByteArrayAsync(), Is.EqualTo(letter));

        using var beyond = await RangeAsync(path, $"bytes={letter.Length}-", null);
        Assert.That(beyond.StatusCode, Is.EqualTo(HttpStatusCode.RequestedRangeNotSatisfiable));

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        using var unchanged = await _commune.SendAsync(request);
        Assert.That(unchanged.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
    }

    private async Task<HttpResponseMessage> RangeAsync(Uri path, string range, string? ifRange)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Range", range);
        if (ifRange is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Range", ifRange);
        }
        return await _commune.SendAsync(request);
    }

    private async Task AssertArrivedAsync(JsonElement receipt, byte[] letter)
    {
        var delivery = receipt.GetProperty("deliveries")[0].GetProperty("deliveryId").GetGuid();
        Assert.That(
            await _commune.GetByteArrayAsync(
                new Uri($"v1/inbox/{delivery}/content", UriKind.Relative)
            ),
            Is.EqualTo(letter)
        );
    }

    private static byte[] LetterOf(int bytes) =>
        (
            new Letter(TestProvince.Office, TestProvince.Commune) with
            {
                AttachmentBytes = bytes,
            }
        ).Signed();

    /// <summary>An upload as the hub leaves it when it dies between the last byte and the submission, which the keeper submits.</summary>
    private async Task<(TusUpload Upload, byte[] Letter)> SubmittedByTheKeeperAsync()
    {
        var letter = LetterOf(5_000);
        var upload = await TusUpload.CreateAsync(_office, letter.Length);
        await upload.SendAsync(0, letter.AsMemory(..^1));
        await File.WriteAllBytesAsync(FileOf(upload), letter);
        await ExecuteAsync($"UPDATE upload SET received = length WHERE id = '{upload.Id}'");
        await Eventually.HoldsAsync(async () =>
            (await upload.AnswerAsync()).GetProperty("state").GetString() == "accepted"
        );
        return (upload, letter);
    }

    private string FileOf(TusUpload upload) => FileOf(upload.Id);

    private string FileOf(Guid upload) => Path.Combine(_folder, "resumable", upload.ToString("N"));

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Sends its bytes and then breaks the connection.</summary>
    private sealed class BreakingContent(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(
            Stream stream,
            TransportContext? context
        )
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
            throw new IOException("the line broke");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length * 2L;
            return true;
        }
    }

    /// <summary>Sends half of its bytes, and the rest when told.</summary>
    private sealed class StallingContent(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private readonly TaskCompletionSource _goOn = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task HasBegun => _begun.Task;

        public void GoOn() => _goOn.TrySetResult();

        protected override async Task SerializeToStreamAsync(
            Stream stream,
            TransportContext? context
        )
        {
            await stream.WriteAsync(bytes.AsMemory(..(bytes.Length / 2)));
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _goOn.Task;
            await stream.WriteAsync(bytes.AsMemory((bytes.Length / 2)..));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
