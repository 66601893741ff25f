using System.Net;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.National;

/// <summary>
/// What happens to a letter while it waits at the border, on either side: it is taken back, answered, tried again, or
/// overtaken by what is said of it.
/// </summary>
public sealed partial class WaitingAtTheBorderTests
{
    private const string Known = "G05";

    /// <summary>National here, and unknown to the national axis until a test adds them there.</summary>
    private const string Strange = "G96";
    private const string Stranger = "G97";

    private Border _border = null!;
    private HttpClient _ops = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _border = await Border.OpenAsync(
            LocalServersSetUp.Servers,
            // As many tries as a busy machine may need; none of these tests is about their end.
            settings: ("National:MaxFetches", "1000")
        );
        await _border.Hub.AddOperatorAsync("keeper", "operator", "viewer");
        foreach (var code in (string[])[Known, Strange, Stranger])
        {
            await _border.Hub.AddAgencyAsync(code, null, AgencyReach.National);
        }
        _ops = await _border.Hub.ClientAsync("keeper", ops: true);
        _office = await _border.Hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _office.Dispose();
        _ops.Dispose();
        await _border.DisposeAsync();
    }

    [TearDown]
    public async Task EndAllVicesAsync()
    {
        _border.Sim.Vices.Clear();
        await SwitchAsync("resume");
    }

    private async Task<Letter> SubmitAsync(Letter letter)
    {
        await TakenAsync(letter.Signed());
        return letter;
    }

    private async Task<Answer> TakenAsync(byte[] package)
    {
        var answer = await _office.SubmitAsync(package);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return answer;
    }

    private async Task SwitchAsync(string word)
    {
        using var answer = await _ops.PostAsync(
            new Uri($"ops/v1/national/national/{word}?direction=out", UriKind.Relative),
            null
        );
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
    }

    private async Task<JsonElement> PostAsync(string path, HttpStatusCode expected)
    {
        using var answer = await _ops.PostAsync(new Uri($"ops/v1/{path}", UriKind.Relative), null);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(expected), text);
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task RetryAsync(Letter letter, string recipient)
    {
        var delivery = await _border.DeliveryAsync(letter, recipient);
        await PostAsync(
            $"deliveries/{delivery.GetProperty("deliveryId").GetString()}/retry",
            HttpStatusCode.Accepted
        );
    }

    /// <summary>Who has how many packages of this letter over there: itself, its recalls and updates.</summary>
    private int CopiesAt(Letter letter, string recipient) =>
        _border.There(letter).SelectMany(one => one.Copies).Count(copy => copy.To == recipient);

    /// <summary>Rows of the outbox that a letter, and what was done with it, has.</summary>
    private Task<long> RowsAsync(Letter letter, string condition) =>
        _border.Hub.CountAsync(
            $"SELECT count(*) FROM far_sending s WHERE s.stream IN (SELECT id FROM package WHERE document_id = '{letter.DocumentId}' AND business = 0) AND {condition}"
        );

    private Task HasRowsAsync(Letter letter, string condition, long expected = 1) =>
        Eventually.HoldsAsync(async () => await RowsAsync(letter, condition) == expected);
}
