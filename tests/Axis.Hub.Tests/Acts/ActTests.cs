using System.Net;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Acts;

/// <summary>Recall, update and replacement, seen from both sides and over both doors.</summary>
public sealed partial class ActTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private AmqpOfficeSystem _department = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
        _department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await _department.ListenAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _department.DisposeAsync();
        await _hub.DisposeAsync();
    }

    private async Task<(Letter Letter, Answer Receipt)> SendAsync(params string[] to)
    {
        var letter = new Letter(TestProvince.Office, to);
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return (letter, receipt);
    }

    private Task<Answer> ReportAsync(Letter letter, string code, string words = "Văn thư") =>
        _commune.SubmitAsync(
            new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId)
            {
                Description = words,
            }.Bytes()
        );

    private async Task<JsonElement> DeliveryAsync(Answer receipt, string recipient) =>
        (await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}"))
            .Json.GetProperty("deliveries")
            .EnumerateArray()
            .Single(one => one.GetProperty("recipient").GetString() == recipient);

    private async Task<string?> StageAsync(Answer receipt, string recipient)
    {
        var stage = (await DeliveryAsync(receipt, recipient)).GetProperty("stage").GetString();
        // An AMQP inbox is filled a moment after the receipt.
        return stage == "accepted" ? "dispatched" : stage;
    }

    private static async Task<IReadOnlyList<JsonElement>> EventsAsync(
        HttpClient client,
        Letter letter
    ) =>
        [
            .. (await client.ItemsAsync("v1/events?limit=1000")).Where(one =>
                DocumentIn(one) == letter.DocumentId
            ),
        ];

    private static (string?, string?) Judged(Answer receipt) =>
        (
            receipt.Json.GetProperty("outcome").GetString(),
            receipt.Json.GetProperty("stage").GetString()
        );

    private static string? EffectAt(Answer receipt, string agency) =>
        receipt
            .Json.GetProperty("effects")
            .EnumerateArray()
            .Single(one => one.GetProperty("agency").GetString() == agency)
            .GetProperty("effect")
            .GetString();

    private static IEnumerable<string?> RelationsOf(Answer view) =>
        view
            .Json.GetProperty("links")
            .EnumerateArray()
            .Select(link => link.GetProperty("relation").GetString());

    private static IEnumerable<string?> TypesOf(IEnumerable<JsonElement> events) =>
        events.Select(TypeOf);

    private static string? TypeOf(JsonElement cloudEvent) =>
        cloudEvent.GetProperty("type").GetString();

    private static string? DocumentIn(JsonElement cloudEvent) =>
        cloudEvent.GetProperty("data").GetProperty("documentId").GetString();

    private static string? DocumentOf(JsonElement item) =>
        item.GetProperty("documentId").GetString();
}
