using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>
/// The ledger test, first version: clients keep their own books while the hub is killed under load. At the end every
/// letter that was answered with a receipt is in its inboxes, once to the eye, byte for byte.
/// </summary>
public sealed class HubKillTests
{
    private const int Senders = 8;
    private const int LettersOfEach = 60;
    private const int Kills = 3;
    private const int LettersOverAmqp = 150;

    [Test]
    public async Task Nothing_accepted_is_lost_when_the_hub_is_killed_under_load()
    {
        using var end = new CancellationTokenSource();
        try
        {
            await KillUnderLoadAsync(end.Token);
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private static async Task KillUnderLoadAsync(CancellationToken cancellationToken)
    {
        await using var hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings: ("Delivery:FirstLease", "00:00:05")
        );
        var ledger = new ConcurrentDictionary<string, Sent>(StringComparer.Ordinal);
        await using var department = await AmqpOfficeSystem.ConnectAsync(hub, "department");
        await department.ListenAsync();

        var load = Task.WhenAll(
            Enumerable.Range(0, Senders).Select(_ => SendAllAsync(hub, ledger, cancellationToken))
        );
        var submitted = SubmitOverAmqpAsync(department, cancellationToken);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = Senders * LettersOfEach * kill / (Kills + 1);
            await Eventually.ReachesAsync(
                enough,
                () => Task.FromResult<long>(load.IsFaulted ? enough : ledger.Count)
            );
            await hub.KillAsync();
            await hub.RunAsync();
        }
        await load;
        var overAmqp = await submitted;

        Assert.That(ledger, Has.Count.EqualTo(Senders * LettersOfEach));
        await AssertAmqpInboxHoldsAsync(department, ledger);
        await AssertHttpInboxHoldsAsync(hub, ledger.Concat(overAmqp).ToDictionary());
        Assert.That(
            await hub.CountAsync("SELECT count(*) FROM package"),
            Is.EqualTo(ledger.Count + overAmqp.Count),
            "a submission repeated after a kill is stored once"
        );
        await Eventually.HoldsAsync(async () =>
            await hub.CountAsync("SELECT count(*) FROM delivery WHERE state = 'waiting'") == 0
        );
    }

    // Spread over the whole time of the kills; the broker keeps what nobody handles, so nothing is repeated here.
    private static async Task<Dictionary<string, Sent>> SubmitOverAmqpAsync(
        AmqpOfficeSystem department,
        CancellationToken cancellationToken
    )
    {
        var waiting = new List<(string DocumentId, byte[] Sha256, string MessageId)>();
        for (var i = 0; i < LettersOverAmqp; i++)
        {
            var letter = new Letter(TestProvince.Department, TestProvince.Commune);
            var package = letter.Signed();
            var messageId = await department.SubmitAsync(package);
            waiting.Add((letter.DocumentId, SHA256.HashData(package), messageId));
            await Task.Delay(20, cancellationToken);
        }
        var accepted = new Dictionary<string, Sent>(StringComparer.Ordinal);
        foreach (var (documentId, sha256, messageId) in waiting)
        {
            var answer = await department.AnswerToAsync(messageId);
            Assert.That(answer.Type, Is.EqualTo("axis.receipt"));
            accepted[documentId] = new Sent(answer.Json.GetProperty("packageId").GetGuid(), sha256);
        }
        return accepted;
    }

    // As an office system does: a submission without an answer is repeated until it has one.
    private static async Task SendAllAsync(
        TestHub hub,
        ConcurrentDictionary<string, Sent> ledger,
        CancellationToken cancellationToken
    )
    {
        using var office = await hub.ClientAsync("office");
        for (var i = 0; i < LettersOfEach; i++)
        {
            var letter = new Letter(
                TestProvince.Office,
                TestProvince.Department,
                TestProvince.Commune
            );
            var package = letter.Signed();
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    var answer = await office.SubmitAsync(package);
                    if (answer.Status is HttpStatusCode.Created or HttpStatusCode.OK)
                    {
                        ledger[letter.DocumentId] = new Sent(
                            answer.PackageId,
                            SHA256.HashData(package)
                        );
                        break;
                    }
                    Assert.That((int)answer.Status, Is.GreaterThanOrEqualTo(500), answer.Text);
                }
                catch (HttpRequestException)
                {
                    // The hub is dead or dying; whether it took the letter is not known.
                    await Task.Delay(20, cancellationToken);
                }
            }
        }
    }

    private static async Task AssertAmqpInboxHoldsAsync(
        AmqpOfficeSystem department,
        ConcurrentDictionary<string, Sent> ledger
    )
    {
        await Eventually.ReachesAsync(
            ledger.Count,
            () =>
                Task.FromResult<long>(
                    department.Inbox.Select(message => message.MessageId).Distinct().Count()
                )
        );
        var received = department.Inbox.DistinctBy(message => message.MessageId).ToArray();
        TestContext.Out.WriteLine(
            $"{ledger.Count} letters, {department.Inbox.Count - received.Length} wire repeats, {Kills} kills"
        );
        Assert.That(received, Has.Length.EqualTo(ledger.Count));
        foreach (var message in received)
        {
            Assert.That(
                SHA256.HashData(message.Body),
                Is.EqualTo(ledger[message.Header("x-axis-document-id")!].Sha256)
            );
        }
    }

    private static async Task AssertHttpInboxHoldsAsync(
        TestHub hub,
        IReadOnlyDictionary<string, Sent> ledger
    )
    {
        using var commune = await hub.ClientAsync("commune");
        var items = await commune.ItemsAsync("v1/inbox?limit=1000");
        Assert.That(items, Has.Count.EqualTo(ledger.Count));
        foreach (var item in items)
        {
            var sent = ledger[item.GetProperty("documentId").GetString()!];
            var bytes = await commune.GetByteArrayAsync(
                new Uri(
                    $"v1/inbox/{item.GetProperty("deliveryId").GetGuid()}/content",
                    UriKind.Relative
                )
            );
            Assert.That(item.GetProperty("packageId").GetGuid(), Is.EqualTo(sent.PackageId));
            Assert.That(SHA256.HashData(bytes), Is.EqualTo(sent.Sha256));
        }
    }

    private sealed record Sent(Guid PackageId, byte[] Sha256);
}
