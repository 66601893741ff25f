using System.Net;
using System.Net.Http.Json;
using Axis.NationalSim.Control;

namespace Axis.NationalSim.Tests;

public sealed class ControlTests : SimTest
{
    private readonly HttpClient _http = new();

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task The_trainer_sees_what_goes_on_but_no_secret()
    {
        Arrives("H99");
        await ListAsync();

        var text = await _http.GetStringAsync(Sim.Control);
        var view = await _http.GetFromJsonAsync<SimView>(Sim.Control);

        Assert.That(
            view!.Systems.Single(one => one.Id == Province).WaitingDocuments,
            Is.EqualTo(1)
        );
        Assert.That(view.Calls["getReceivedEdocList"], Is.EqualTo(1));
        Assert.That(text, Does.Not.Contain(Options.Systems[0].Secret));
    }

    [Test]
    public async Task A_vice_is_switched_on_and_off_while_it_runs()
    {
        using var on = await PutAsync("system-error", new { calls = new[] { "sendEdoc" } });
        Assert.That(on.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await SendAsync(await LetterAsync("1", "H07"))).Code, Is.EqualTo("20"));

        using var off = await _http.DeleteAsync(AddressOf("vices/system-error"));
        Assert.That(off.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await SendAsync(await LetterAsync("1", "H07"))).IsOk, Is.True);
    }

    [Test]
    public async Task A_vice_needs_no_settings()
    {
        using var on = await _http.PutAsync(AddressOf("vices/system-error"), null);

        Assert.That((await ListAsync()).Code, Is.EqualTo("20"));
    }

    [Test]
    public async Task Settings_are_read_though_nobody_says_how_long_they_are()
    {
        // Sent in chunks, as a client's JSON content is.
        using var on = await _http.PutAsJsonAsync(
            AddressOf("vices/slow"),
            new { milliseconds = 7 }
        );

        Assert.That(Sim.Vices.On[ViceKind.Slow].Milliseconds, Is.EqualTo(7));
    }

    [TestCase("laziness", "{}", "is no vice")]
    [TestCase("slow", """{"milliseconds":-1}""", "milliseconds")]
    [TestCase("slow", """{"share":2}""", "share")]
    [TestCase("slow", """{"next":"many"}""", "JSON")]
    [TestCase("slow", "[", "JSON")]
    public async Task A_vice_that_makes_no_sense_is_refused(string name, string body, string word)
    {
        using var content = new StringContent(body, null, "application/json");
        using var answer = await _http.PutAsync(AddressOf($"vices/{name}"), content);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(word));
        Assert.That(Sim.Vices.On, Is.Empty);
    }

    [Test]
    public async Task A_letter_of_another_province_is_written_by_order()
    {
        using var answer = await _http.PostAsJsonAsync(
            AddressOf("letters"),
            new
            {
                to = new[] { "H99.05" },
                from = "G05",
                subject = "V/v kiểm tra",
            }
        );

        var letter = await answer.Content.ReadFromJsonAsync<LetterView>();
        Assert.That(letter!.From, Is.EqualTo("G05"));
        Assert.That((await ListAsync()).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_letter_to_nobody_is_not_written()
    {
        using var answer = await _http.PostAsJsonAsync(
            AddressOf("letters"),
            new { to = new[] { "H99.05", "Z" } }
        );

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(Sim.Letters(), Is.Empty);
    }

    [Test]
    public async Task Time_jumps_ahead_and_never_back()
    {
        using var back = await _http.PostAsJsonAsync(
            AddressOf("time"),
            new { advance = "-01:00:00" }
        );
        Assert.That(back.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));

        using var ahead = await _http.PostAsJsonAsync(
            AddressOf("time"),
            new { advance = "2.00:00:00" }
        );
        Assert.That(Sim.View().Now, Is.GreaterThan(TimeProvider.System.GetUtcNow().AddHours(47)));
    }

    [Test]
    public async Task An_agency_is_added_and_closed()
    {
        using var added = await _http.PostAsJsonAsync(
            AddressOf("catalogue"),
            new
            {
                code = "H99.66",
                oldCode = "",
                name = "Sở thử",
                parentCode = "H99",
            }
        );
        using var closed = await _http.DeleteAsync(AddressOf("catalogue/H99.66"));
        using var unknown = await _http.DeleteAsync(AddressOf("catalogue/H99.67"));

        Assert.That(
            (added.StatusCode, closed.StatusCode, unknown.StatusCode),
            Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.BadRequest))
        );
    }

    [TestCase("slow")]
    [TestCase("slow:milliseconds=5,calls=getEdoc+sendEdoc,share=0.25,next=2")]
    public void A_vice_is_written_on_the_command_line(string text) =>
        Assert.That(ViceFlag.Read(text, out _)?.Kind, Is.EqualTo(ViceKind.Slow));

    [TestCase("slowly")]
    [TestCase("slow:milliseconds")]
    [TestCase("slow:milliseconds=soon")]
    [TestCase("slow:share=2")]
    [TestCase("slow:colour=red")]
    public void What_is_no_vice_is_said_on_the_command_line(string text)
    {
        Assert.That(ViceFlag.Read(text, out var problem), Is.Null);
        Assert.That(problem, Is.Not.Empty);
    }

    [Test]
    public void Options_out_of_range_are_named() =>
        Assert.That(
            async () => await NationalSimulator.StartAsync(Options with { Scale = 0 }),
            Throws.ArgumentException.With.Message.Contains("Scale")
        );

    private Task<HttpResponseMessage> PutAsync(string vice, object settings) =>
        _http.PutAsJsonAsync(AddressOf($"vices/{vice}"), settings);

    private Uri AddressOf(string path) => new($"{Sim.Control}/{path}");
}
