using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Axis.EdXml;
using Axis.Hub.Statuses;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Statuses;

/// <summary>
/// Random lives of a letter on the real hub, step by step beside <see cref="LifeModel"/>: acts of the sender, reports of
/// the recipients, the clock, and a network that repeats and swaps what was sent, over both doors.
/// </summary>
public sealed partial class ModelTests
{
    // The same lives every time, unless others are asked for; a failure names its own.
    private const string SeedVariable = "AXIS_MODEL_SEED";
    private const string LivesVariable = "AXIS_MODEL_LIVES";
    private const int Seed = 20261128;

    private static readonly string[] s_answerWithoutTime = ["AXIS-5104"];

    private SetClock _clock = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private HttpClient _department = null!;
    private AmqpOfficeSystem _amqp = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Ahead of the database, whose own clock says since when agencies are served.
        var now = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        _clock = new SetClock(DateTimeOffset.FromUnixTimeSeconds(now).AddMilliseconds(300));
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            settings:
            [
                ("Dialogues:ExpireAfter", "00:01:00"),
                ("Dialogues:LookInterval", "1.00:00:00"),
            ]
        );
        await RenewAsync();
        _amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await _amqp.ListenAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _amqp.DisposeAsync();
        _office.Dispose();
        _commune.Dispose();
        _department.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public Task Random_lives_agree_with_the_model() => LiveAsync(Seed, lives: 200);

    [Test]
    [Explicit("Thousands of lives")]
    [Category("Long")]
    public async Task Thousands_of_random_lives_agree_with_the_model()
    {
        const int Lives = 5000;
        await LiveAsync(Random.Shared.Next(int.MaxValue - Lives), Lives);
    }

    private async Task LiveAsync(int seed, int lives)
    {
        var first = Asked(SeedVariable) ?? seed;
        var count = Asked(LivesVariable) ?? lives;
        await TestContext.Progress.WriteLineAsync($"{count} lives from seed {first} on");
        for (var run = 0; run < count; run++)
        {
            await LiveAsync(first + run);
        }
    }

    private static int? Asked(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } number
            ? int.Parse(number, CultureInfo.InvariantCulture)
            : null;

    private async Task LiveAsync(int seed)
    {
        var life = new Life(new Random(seed));
        try
        {
            await AskAsync(seed);
            var letter = new Letter(
                TestProvince.Office,
                TestProvince.Commune,
                TestProvince.Department
            );
            var receipt = await _office.SubmitAsync(letter.Signed());
            foreach (var code in letter.To)
            {
                life.At[code] = [Accepted(code, receipt.DeliveryTo(code))];
            }
            await BringAsync(life, Json(receipt.Text), letter.To);
            var steps = life.Random.Next(6, 18);
            for (var step = 0; step < steps; step++)
            {
                _clock.Now += TimeSpan.FromSeconds(1);
                await StepAsync(life, letter);
            }
            await AssertAgreedAsync(life);
            await AssertToldAsync(life);
        }
        catch (Exception failure)
        {
            throw new AssertionException(
                $"Again with {SeedVariable}={seed} {LivesVariable}=1:\n"
                    + $"{string.Join('\n', life.Told)}\n{failure.Message}",
                failure
            );
        }
    }

    private OneLetter Accepted(string recipient, Guid delivery)
    {
        var isQueued = recipient == TestProvince.Department;
        var isTold = _asking.Contains(recipient);
        var model = new LifeModel("office", OfficeSystemOf(recipient));
        model.Arrive(isQueued, isTold);
        return new(delivery, model, Seconds, IsRaced: isQueued && !isTold);
    }

    private async Task StepAsync(Life life, Letter letter)
    {
        var recipient = life.Pick(letter.To);
        switch (life.Random.Next(20))
        {
            case < 3:
                await CollectAsync(life, recipient);
                break;
            case < 12:
                await ReportAsync(life, letter, recipient, life.Pick(Lifecycle.Codes));
                break;
            case < 16:
                await ActAsync(life, letter);
                break;
            case < 19:
                await RepeatAsync(life);
                break;
            default:
                await ExpireAsync(life);
                break;
        }
    }

    private async Task CollectAsync(Life life, string recipient)
    {
        var (delivery, model, _, _) = life.At[recipient][^1];
        life.Tell($"{recipient} collects");
        var client = recipient == TestProvince.Commune ? _commune : _department;

        var answer = await client.AcknowledgeAsync(delivery);

        Assert.That(answer == HttpStatusCode.NoContent, Is.EqualTo(model.Collect()), "collected");
    }

    private async Task ReportAsync(Life life, Letter letter, string recipient, string code)
    {
        var bySender = code == "13";
        var said = SaidAt(life);
        var (delivery, model, _, _) = life.At[recipient].MeantAt(said);
        var words = $"Lần {life.Told.Count}";
        var report = new Report(
            bySender ? TestProvince.Office : recipient,
            code,
            bySender ? recipient : TestProvince.Office,
            letter.DocumentId
        )
        {
            Timestamp = said is { } time
                ? EdTimestamp.Of(DateTimeOffset.FromUnixTimeSeconds(time)).Text
                : null,
            Description = words,
        }.Bytes();
        life.Tell($"{(bySender ? "sender" : recipient)} reports {code}, {said - Seconds} s");
        var from = bySender ? "office" : recipient;
        var expected = model.Report(code, Seconds, said, Said.InReport(words, report));
        if (expected == LifeModel.Refused)
        {
            var client = from == TestProvince.Commune ? _commune : _department;
            Assert.That((await client.SubmitAsync(report)).Codes, Is.EqualTo(s_answerWithoutTime));
            return;
        }

        var text = await SubmitAsync(life, from, report, expectRepeat: false);

        AssertJudged(text, expected, model);
        Assert.That(Json(text).GetProperty("deliveryId").GetGuid(), Is.EqualTo(delivery));
    }

    /// <summary>By clocks that go right, behind or ahead; now and then what was said before is said again, or no time is told.</summary>
    private long? SaidAt(Life life)
    {
        long? said = life.Random.Next(8) switch
        {
            0 => null,
            1 => Seconds - 1_000_000,
            2 => Seconds + 1_000_000,
            3 or 4 when life.Said.Count > 0 => life.Pick(life.Said),
            _ => Seconds - life.Random.Next(6),
        };
        if (said is { } time)
        {
            life.Said.Add(time);
        }
        return said;
    }

    private async Task ActAsync(Life life, Letter letter)
    {
        var to = letter.To.Where(_ => life.Random.Next(3) > 0).ToArray();
        if (to.Length == 0)
        {
            return;
        }
        var business = life.Random.Next(1, 4);
        life.Tell($"sender acts {business} on {string.Join(", ", to)}");
        var act = business switch
        {
            3 when life.Random.Next(2) == 0 => new Letter(TestProvince.Office, to)
            {
                Business = 3,
                Replaces = [(letter.DocumentId, to)],
            },
            3 => letter with
            {
                Business = 3,
                To = to,
                Subject = $"Lần {life.Told.Count}",
                Replaces = [(letter.DocumentId, to)],
            },
            _ => letter with { Business = business, To = to, Subject = $"Lần {life.Told.Count}" },
        };

        var brought = to.Where(one => life.At[one][^1].Model.IsBrought(business)).ToArray();

        var receipt = Json(await SubmitAsync(life, "office", act.Signed(), expectRepeat: false));

        await BringAsync(life, receipt, brought);
        var effects = receipt
            .GetProperty("effects")
            .EnumerateArray()
            .ToDictionary(one => one.GetProperty("agency").GetString()!);
        var cause = Said.InAct(receipt.GetProperty("packageId").GetGuid(), act.DocumentId);
        foreach (var recipient in to)
        {
            var model = life.At[recipient][^1].Model;
            if (business == 2 && !model.CanBeRead)
            {
                // The update is a new letter to who lost the old one.
                Assert.That(effects.ContainsKey(recipient), Is.False);
                AddLetter(recipient);
                continue;
            }
            var expected = business switch
            {
                1 => model.Recall(Seconds, cause),
                2 => model.Update(Seconds, cause),
                _ => model.Replace(cause),
            };
            AssertJudged(effects[recipient].GetRawText(), expected, model);
            if (business == 3 && act.DocumentId == letter.DocumentId)
            {
                AddLetter(recipient);
            }
        }

        void AddLetter(string recipient) =>
            life.At[recipient].Add(Accepted(recipient, DeliveryOf(receipt, recipient)));
    }

    private async Task RepeatAsync(Life life)
    {
        if (life.Sent.Count == 0)
        {
            return;
        }
        var (from, bytes, first) = life.Pick(life.Sent);
        life.Tell($"the network repeats a message of {from}");

        var text = await SubmitAsync(life, from, bytes, expectRepeat: true);

        Assert.That(text, Is.EqualTo(first), "a repeat gets the first receipt");
    }

    private async Task ExpireAsync(Life life)
    {
        life.Tell("two minutes pass");
        _clock.Now += TimeSpan.FromMinutes(2);
        await _hub.Services.GetRequiredService<DialogueClock>().ExpireAsync(CancellationToken.None);
        foreach (var one in life.At.Values.SelectMany(all => all))
        {
            one.Model.Expire();
        }
        await RenewAsync();
    }

    private async Task<string> SubmitAsync(Life life, string from, byte[] bytes, bool expectRepeat)
    {
        string text;
        if (from == TestProvince.Department && life.Random.Next(2) == 0)
        {
            var answer = await _amqp.AnswerToAsync(await _amqp.SubmitAsync(bytes));
            Assert.That(answer.Type, Is.EqualTo("axis.receipt"));
            text = Encoding.UTF8.GetString(answer.Body);
        }
        else
        {
            var client = from switch
            {
                TestProvince.Commune => _commune,
                TestProvince.Department => _department,
                _ => _office,
            };
            var answer = await client.SubmitAsync(bytes);
            text = answer.Text;
            Assert.That(
                answer.Status,
                Is.EqualTo(expectRepeat ? HttpStatusCode.OK : HttpStatusCode.Created),
                text
            );
        }
        if (!expectRepeat)
        {
            life.Sent.Add((from, bytes, text));
        }
        return text;
    }

    private static void AssertJudged(string json, string outcome, LifeModel model)
    {
        var judged = Json(json);
        var said = judged.GetProperty("stage").GetString();
        Assert.That(
            (judged.GetProperty("outcome").GetString(), said == "accepted" ? "dispatched" : said),
            Is.EqualTo((outcome, model.Stage))
        );
    }

    private async Task AssertAgreedAsync(Life life)
    {
        foreach (var one in life.At.Values.SelectMany(all => all))
        {
            var stored = await StoredLife.ReadAsync(_hub.Database, one.Delivery);
            stored.AssertIs(one);
        }
    }

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    private long Seconds => _clock.Now.ToUnixTimeSeconds();

    private async Task RenewAsync()
    {
        _office?.Dispose();
        _commune?.Dispose();
        _department?.Dispose();
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
        _department = await _hub.ClientAsync("department");
    }

    private static Guid DeliveryOf(JsonElement receipt, string recipient) =>
        receipt
            .GetProperty("deliveries")
            .EnumerateArray()
            .Single(one => one.GetProperty("recipient").GetString() == recipient)
            .GetProperty("deliveryId")
            .GetGuid();
}
