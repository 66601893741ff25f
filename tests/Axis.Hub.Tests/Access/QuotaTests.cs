using System.Globalization;
using System.Net;
using Axis.Hub.Access.Limits;
using Axis.Hub.Registry;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access;

/// <summary>The day's quota on a whole hub, over every door, and the limit on requests for tokens.</summary>
public sealed class QuotaTests
{
    private static readonly TimeSpan s_vietnam = TimeSpan.FromHours(7);

    private readonly ShiftedClock _clock = new();
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub() =>
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            asProcess: false,
            ("Limits:QuotaPause", "00:00:01"),
            ("Intake:UploadLookInterval", "00:00:00.200"),
            ("Access:TokenLifetime", "01:00:00"),
            ("Access:TokenRequestsPerClient", "10")
        );

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _hub.DisposeAsync();

    /// <summary>Each test has a day of its own before it, and nobody has handed in anything.</summary>
    [SetUp]
    public void A_new_day_begins() => NextDay();

    [TearDown]
    public Task No_quota() =>
        _hub.ChangeRegistryAsync(
            "UPDATE office_system SET packages_per_day = NULL, bytes_per_day = NULL"
        );

    [Test]
    public async Task Beyond_the_days_quota_the_answer_says_when_the_next_day_begins()
    {
        using var commune = await _hub.ClientAsync("commune");
        await QuotaAsync("commune", "packages_per_day = 2");
        var first = ALetter();
        Assert.That((await SubmitAsync(commune, first)).Status, Is.EqualTo(HttpStatusCode.Created));
        var second = await SubmitAsync(commune, ALetter());
        Assert.That(second.Headers["RateLimit-Policy"], Is.EqualTo("\"documents\";q=2;w=86400"));
        Assert.That(second.Headers["RateLimit"], Does.Match("^\"documents\";r=0;t=[0-9]+$"));

        var third = ALetter();
        var refused = await SubmitAsync(commune, third);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(refused.Text, Does.Contain("AXIS-6012"));
        Assert.That(
            int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture),
            Is.InRange(1, 86_400)
        );
        Assert.That(await StoredAsync(third), Is.Zero);

        Assert.That(
            (await SubmitAsync(commune, first)).Status,
            Is.EqualTo(HttpStatusCode.OK),
            "a repeat costs nothing and gets its receipt"
        );
        using var office = await _hub.ClientAsync("office");
        Assert.That(
            (
                await office.SubmitAsync(
                    new Letter(TestProvince.Office, TestProvince.Commune).Signed()
                )
            ).Status,
            Is.EqualTo(HttpStatusCode.Created),
            "another office system has its own"
        );

        NextDay();
        using var tomorrow = await _hub.ClientAsync("commune");
        Assert.That(
            (await SubmitAsync(tomorrow, third)).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
    }

    [Test]
    public async Task A_status_report_is_never_held_back_by_the_quota()
    {
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await office.SubmitAsync(letter.Signed());
        await QuotaAsync("commune", "packages_per_day = 1");
        await SubmitAsync(commune, ALetter());
        var report = new Report(TestProvince.Commune, "03", TestProvince.Office, letter.DocumentId);
        Assert.That(
            (await commune.SubmitAsync(report.Bytes())).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
    }

    [Test]
    public async Task What_no_day_can_hold_is_refused_for_good()
    {
        using var commune = await _hub.ClientAsync("commune");
        await QuotaAsync("commune", "bytes_per_day = 1000");
        Assert.That(
            (await SubmitAsync(commune, ALetter())).Status,
            Is.EqualTo(HttpStatusCode.RequestEntityTooLarge)
        );
    }

    [Test]
    public async Task Over_AMQP_it_waits_on_the_broker_and_comes_in_once_when_the_quota_allows()
    {
        await _hub.AddOfficeSystemAsync(
            "quota-amqp",
            Door.Amqp,
            SignaturePolicy.Record,
            TestProvince.Unconnected
        );
        await using var system = await AmqpOfficeSystem.ConnectAsync(_hub, "quota-amqp");
        await system.ListenAsync();
        await QuotaAsync("quota-amqp", "packages_per_day = 1");
        var letters = Enumerable
            .Range(0, 4)
            .Select(_ => new Letter(TestProvince.Unconnected, TestProvince.Commune))
            .ToArray();
        var messages = new List<string>();
        foreach (var letter in letters)
        {
            messages.Add(await system.SubmitAsync(letter.Unsigned()));
        }
        // Others pass by what waits.
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        var passing = await department.SubmitAsync(
            new Letter(TestProvince.Department, TestProvince.Commune).Signed()
        );
        Assert.That((await department.AnswerToAsync(passing)).Type, Is.EqualTo("axis.receipt"));
        await Eventually.HoldsAsync(async () => await AcceptedOfAsync("quota-amqp") == 1);
        Assert.That(messages.Count(one => system.AnswersTo(one).Count > 0), Is.LessThan(2));

        await QuotaAsync("quota-amqp", "packages_per_day = 100");
        foreach (var message in messages)
        {
            Assert.That((await system.AnswerToAsync(message)).Type, Is.EqualTo("axis.receipt"));
        }
        Assert.That(await AcceptedOfAsync("quota-amqp"), Is.EqualTo(4));
        Assert.That(system.Problems, Is.Empty);
    }

    [Test]
    public async Task An_upload_that_is_complete_stays_and_comes_in_when_the_quota_allows()
    {
        using var commune = await _hub.ClientAsync("commune");
        await QuotaAsync("commune", "packages_per_day = 1");
        await SubmitAsync(commune, ALetter());
        var letter = ALetter();
        var bytes = letter.Unsigned();
        var upload = await TusUpload.CreateAsync(commune, bytes.Length);
        await upload.SendAsync(0, bytes);
        Assert.That(
            (await upload.AnswerAsync()).GetProperty("state").GetString(),
            Is.EqualTo("open")
        );
        await QuotaAsync("commune", "packages_per_day = 2");
        await Eventually.HoldsAsync(async () => await StoredAsync(letter) == 1);
    }

    [Test]
    public async Task What_another_node_took_counts_here_too()
    {
        using var commune = await _hub.ClientAsync("commune");
        await QuotaAsync("commune", "packages_per_day = 3");
        var system = _hub.Services.GetRequiredService<RegistryCache>().Current;
        var elsewhere = new DailyUsage(Options.Create(new LimitOptions()), _clock);
        using var exchange = new UsageExchange(
            _hub.Database,
            elsewhere,
            _clock,
            NullLogger<UsageExchange>.Instance
        );
        elsewhere.TryTake(system.OfficeSystem("commune")!, 10);
        elsewhere.TryTake(system.OfficeSystem("commune")!, 10);
        await exchange.ExchangeAsync(CancellationToken.None);

        await _hub
            .Services.GetRequiredService<UsageExchange>()
            .ExchangeAsync(CancellationToken.None);
        Assert.That(
            (await SubmitAsync(commune, ALetter())).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
        Assert.That(
            (await SubmitAsync(commune, ALetter())).Status,
            Is.EqualTo(HttpStatusCode.TooManyRequests)
        );
        await _hub
            .Services.GetRequiredService<UsageExchange>()
            .ExchangeAsync(CancellationToken.None);
        await exchange.ExchangeAsync(CancellationToken.None);
        Assert.That(elsewhere.UsedToday("commune").Packages, Is.EqualTo(3), "and the other way");
    }

    [Test]
    public async Task What_was_used_today_outlives_a_restart()
    {
        using var commune = await _hub.ClientAsync("commune");
        await QuotaAsync("commune", "packages_per_day = 1");
        Assert.That(
            (await SubmitAsync(commune, ALetter())).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
        await _hub.RestartAsync();
        using var again = await _hub.ClientAsync("commune");
        Assert.That(
            (await SubmitAsync(again, ALetter())).Status,
            Is.EqualTo(HttpStatusCode.TooManyRequests)
        );
    }

    [Test]
    public async Task Who_asks_for_tokens_without_end_is_told_to_wait_and_others_are_not()
    {
        await _hub.AddOfficeSystemAsync("asker", Door.Http, SignaturePolicy.Record);
        using var anonymous = _hub.AnonymousClient();
        var refused = await Eventually.GetAsync(async () =>
        {
            using var answer = await AskAsync(anonymous, "asker");
            return answer.StatusCode == HttpStatusCode.TooManyRequests
                ? Tuple.Create(
                    answer.Headers.RetryAfter?.Delta,
                    await answer.Content.ReadAsStringAsync()
                )
                : null;
        });
        Assert.That(refused.Item1!.Value.TotalSeconds, Is.InRange(1, 60));
        Assert.That(refused.Item2, Does.Contain("AXIS-2010"));
        using var other = await AskAsync(anonymous, "office");
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                "SELECT count(*) FROM audit WHERE actor = 'asker' AND detail->>'reason' = 'too many'"
            ) >= 1
        );
    }

    private async Task<HttpResponseMessage> AskAsync(HttpClient client, string id)
    {
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = _hub.SecretOf(id),
            }
        );
        return await client.PostAsync(new Uri("oauth2/token", UriKind.Relative), form);
    }

    private void NextDay()
    {
        var today = _clock.GetUtcNow().ToOffset(s_vietnam).Date;
        _clock.JumpTo(new DateTimeOffset(today, s_vietnam).AddDays(1));
    }

    private static Letter ALetter() => new(TestProvince.Commune, TestProvince.Office);

    private Task QuotaAsync(string id, string quota) =>
        _hub.ChangeRegistryAsync($"UPDATE office_system SET {quota} WHERE id = '{id}'");

    private Task<long> StoredAsync(Letter letter) =>
        _hub.CountAsync($"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'");

    private Task<long> AcceptedOfAsync(string id) =>
        _hub.CountAsync($"SELECT count(*) FROM package WHERE office_system_id = '{id}'");

    private static async Task<(
        HttpStatusCode Status,
        string Text,
        Dictionary<string, string> Headers
    )> SubmitAsync(HttpClient client, Letter letter)
    {
        using var content = new ByteArrayContent(letter.Unsigned());
        content.Headers.ContentType = new("application/xml");
        using var answer = await client.PostAsync(
            new Uri("v1/packages", UriKind.Relative),
            content
        );
        return (
            answer.StatusCode,
            await answer.Content.ReadAsStringAsync(),
            answer.Headers.NonValidated.ToDictionary(
                header => header.Key,
                header => header.Value.ToString(),
                StringComparer.OrdinalIgnoreCase
            )
        );
    }
}
