using System.Net;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Statuses;

/// <summary>Real statuses of the field, replayed against the real document that they answer, its recall and its update.</summary>
public sealed class SampleLifeTests
{
    private const string Sender = "000.00.00.G22";
    private const string Recipient = "000.00.00.H41";
    private const string Added = "000.00.00.H14";
    private const string Third = "000.00.00.G17";

    private TestHub _hub = null!;
    private HttpClient _sender = null!;
    private HttpClient _recipient = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Samples.In("statuses").Count == 0)
        {
            Assert.Ignore("The sample packages do not lie beside the repository on this machine.");
        }
        _hub = await TestHub.StartAsync(LocalServersSetUp.Servers);
        foreach (var code in (string[])[Sender, Recipient, Added, Third])
        {
            await _hub.AddAgencyAsync(code);
        }
        await _hub.AddOfficeSystemAsync("sender", Door.Http, SignaturePolicy.Record, Sender);
        await _hub.AddOfficeSystemAsync("recipient", Door.Http, SignaturePolicy.Record, Recipient);
        await _hub.AddOfficeSystemAsync("others", Door.Http, SignaturePolicy.Record, Added, Third);
        _sender = await _hub.ClientAsync("sender");
        _recipient = await _hub.ClientAsync("recipient");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _sender?.Dispose();
        _recipient?.Dispose();
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }
    }

    [SetUp]
    public async Task Forget_the_letter_because_all_samples_share_its_id()
    {
        foreach (
            var table in (string[])
                [
                    "event",
                    "dialogue",
                    "deadline",
                    "delivery_history",
                    "delivery",
                    "status_report",
                    "payload",
                    "package",
                    "package_link",
                    "document_key",
                    "document_number",
                ]
        )
        {
            await _hub.ChangeRegistryAsync($"DELETE FROM {table}");
        }
    }

    // Who has the document has taken it: the first report leaves the inbox empty, and 06 is the end.
    [TestCase(
        "arrival_01 acceptance_03 assignment_04 processing_05 finish_06",
        "arrived received assigned processing done"
    )]
    [TestCase("arrival_01 status acceptance_03", "arrived =arrived received")]
    [TestCase("acceptance_03 arrival_01 processing_05", "received !received processing")]
    [TestCase(
        "processing_05 assignment_04 finish_06 rejection_02 change-acceptance_15",
        "processing !processing done !done !done"
    )]
    [TestCase(
        "arrival_01 rejection_02 acceptance_03 finish_06",
        "arrived refused !refused !refused"
    )]
    [TestCase("acceptance_03 rejection_02 finish_06", "received !received done")]
    [TestCase(
        "acceptance_03 document:vnpt-recall processing_05 change-acceptance_15 finish_06",
        "received recall_asked recall_asked recalled !recalled"
    )]
    [TestCase("document:vnpt-recall change-acceptance_15", "withdrawn !withdrawn")]
    [TestCase(
        "assignment_04 document:vnpt-update change-acceptance_15",
        "assigned recall_asked recalled"
    )]
    public async Task The_samples_drive_the_timeline(string files, string expected)
    {
        var letter = await _sender.SubmitAsync(Sample("documents", "vnpt-new-small"));
        Assert.That(letter.Status, Is.EqualTo(HttpStatusCode.Created), letter.Text);
        var delivery = letter.DeliveryTo(Recipient);
        var stages = new List<string>();
        foreach (var file in files.Split(' '))
        {
            stages.Add(await SendAsync(file));
        }

        var view = await ViewAsync(letter);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(string.Join(' ', stages), Is.EqualTo(expected));
            Assert.That(
                view.GetProperty("stage").GetString(),
                Is.EqualTo(expected.Split(' ')[^1].TrimStart('=', '!'))
            );
            Assert.That(view.GetProperty("deliveryId").GetGuid(), Is.EqualTo(delivery));
            Assert.That(
                TimelineOf(view),
                Is.EqualTo(files.Split(' ').Zip(stages).Select(LineOf).Prepend("accepted")),
                "every report is kept, the late and the repeated ones marked"
            );
        }
    }

    [Test]
    public async Task The_sender_hears_each_status_in_the_order_in_which_they_came()
    {
        await _sender.SubmitAsync(Sample("documents", "vnpt-new-small"));
        foreach (var file in (string[])["arrival_01", "acceptance_03", "finish_06"])
        {
            await SendAsync(file);
            await SendAsync(file, isRepeat: true);
        }

        var told = await _sender.ItemsAsync("v1/events?limit=100");

        Assert.That(
            told.Select(one => one.GetProperty("data").GetProperty("status").GetString()),
            Is.EqualTo(new[] { "01", "03", "06" })
        );
        Assert.That(
            told.Select(one => one.GetProperty("sequence").GetString()),
            Is.Ordered.And.Unique
        );
    }

    /// <summary>The stage after it; "!" before it when it came too late, "=" when it said what was known.</summary>
    private async Task<string> SendAsync(string file, bool isRepeat = false)
    {
        var isAct = file.StartsWith("document:", StringComparison.Ordinal);
        var answer = isAct
            ? await _sender.SubmitAsync(Sample("documents", file["document:".Length..]))
            : await _recipient.SubmitAsync(Sample("statuses", file));
        Assert.That(
            answer.Status,
            Is.EqualTo(isRepeat ? HttpStatusCode.OK : HttpStatusCode.Created),
            answer.Text
        );
        var judged = isAct
            ? answer
                .Json.GetProperty("effects")
                .EnumerateArray()
                .Single(one => one.GetProperty("recipient").GetString() == Recipient)
            : answer.Json;
        return judged.GetProperty("outcome").GetString() switch
            {
                "late" => "!",
                "repeated" => "=",
                _ => "",
            } + judged.GetProperty("stage").GetString();
    }

    private async Task<JsonElement> ViewAsync(Answer letter) =>
        (await _sender.GetAnswerAsync($"v1/packages/{letter.PackageId}"))
            .Json.GetProperty("deliveries")
            .EnumerateArray()
            .Single(one => one.GetProperty("recipient").GetString() == Recipient);

    private static IEnumerable<string> TimelineOf(JsonElement view) =>
        view.GetProperty("history")
            .EnumerateArray()
            .Select(line =>
                string.Join(
                    ' ',
                    ((string[])["what", "status", "outcome"])
                        .Select(name =>
                            line.TryGetProperty(name, out var value) ? value.GetString() : null
                        )
                        .Where(text => text is not null)
                )
            );

    private static string LineOf((string File, string Stage) one)
    {
        var outcome = one.Stage[0] switch
        {
            '!' => "late",
            '=' => "repeated",
            _ => "applied",
        };
        return one.File switch
        {
            "document:vnpt-recall" => $"recall {outcome}",
            "document:vnpt-update" => $"update {outcome}",
            "status" => $"status 01 {outcome}",
            _ => $"status {one.File[^2..]} {outcome}",
        };
    }

    private static byte[] Sample(string folder, string name) =>
        File.ReadAllBytes(
            Samples.In(folder).Single(file => Path.GetFileNameWithoutExtension(file) == name)
        );
}
