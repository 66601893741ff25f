using System.Net;
using Axis.Hub;
using Axis.HubUnderTest;
using Axis.TestKit;
using Npgsql;

namespace Axis.Resilience.Tests;

/// <summary>A hub that dies where a test says, and starts again.</summary>
public abstract class CrashTest
{
    private TestHub _hub = null!;

    private protected TestHub Hub => _hub;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings:
            [
                ("Delivery:FirstLease", "00:00:03"),
                ("Delivery:QueueLookInterval", "00:00:01"),
                // One publisher: its channel is open after the first letter, so the second needs no answer to get out.
                ("Delivery:Publishers", "1"),
            ]
        );

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    private protected const string Waiting =
        "datname = current_database() AND application_name = 'axis-hub' AND wait_event_type = 'Lock'";

    private protected async Task DyingAsync(CrashPoint point, Func<HttpClient, Task> act)
    {
        await ArmAsync(point);
        using (var office = await _hub.ClientAsync("office"))
        {
            await act(office);
            await _hub.DiesAsync();
        }
        await RunSoundAsync();
    }

    private protected async Task ArmAsync(CrashPoint point)
    {
        // What an earlier test left under way must not be what the hub dies of.
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                "SELECT (SELECT count(*) FROM delivery WHERE state = 'waiting')"
                    + " + (SELECT count(*) FROM event WHERE state = 'waiting')"
            ) == 0
        );
        _hub.Program = typeof(DieAt).Assembly.Location;
        _hub.ProcessEnvironment = new Dictionary<string, string>
        {
            [DieAt.Variable] = point.ToString(),
        };
        await _hub.RestartAsync();
    }

    private protected async Task RunSoundAsync()
    {
        _hub.Program = null;
        _hub.ProcessEnvironment = null;
        await _hub.RestartAsync();
    }

    private protected async Task<AmqpOfficeSystem> ListeningDepartmentAsync()
    {
        var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        return department;
    }

    private protected async Task QueuesAreThereAsync()
    {
        foreach (var id in (string[])["office", "department", "commune"])
        {
            await using var one = await AmqpOfficeSystem.ConnectAsync(_hub, id);
            await one.WaitForQueuesAsync();
        }
    }

    private protected static (Letter Letter, byte[] Package) Large()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            AttachmentBytes = 1_500_000,
        };
        return (letter, letter.Signed());
    }

    private protected static async Task UnansweredAsync(HttpClient client, byte[] package)
    {
        Answer answer;
        try
        {
            answer = await client.SubmitAsync(package);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return;
        }
        Assert.Fail($"The hub answered before it died: {answer.Text}");
    }

    private protected static async Task BrokenOffAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (HttpRequestException)
        {
            return;
        }
        Assert.Fail("The hub answered before it died");
    }

    private protected async Task UnansweredAsync(string who, byte[] package)
    {
        using var client = await _hub.ClientAsync(who);
        await UnansweredAsync(client, package);
    }

    private protected static async Task AnsweredOrNotAsync(HttpClient client, byte[] package)
    {
        try
        {
            await client.SubmitAsync(package);
        }
        catch (HttpRequestException)
        {
            // Died before the receipt was out.
            return;
        }
    }

    private protected async Task IsAcceptedAndCollectedAsync(
        Letter letter,
        byte[] package,
        HttpStatusCode answered
    )
    {
        using var office = await _hub.ClientAsync("office");
        var answer = await office.SubmitAsync(package);
        Assert.That(answer.Status, Is.EqualTo(answered), answer.Text);
        Assert.That(await StoredAsync(letter), Is.EqualTo(1));
        Assert.That(await InboxCountAsync(letter), Is.EqualTo(1));
        using var commune = await _hub.ClientAsync("commune");
        var content = await commune.GetByteArrayAsync(
            new Uri($"v1/inbox/{answer.DeliveryTo(TestProvince.Commune)}/content", UriKind.Relative)
        );
        Assert.That(content, Is.EqualTo(package));
    }

    private protected static async Task CameTwiceUnderOneIdAsync(
        AmqpOfficeSystem department,
        Letter letter
    )
    {
        await Eventually.HoldsAsync(() => Task.FromResult(Came().Length == 2));
        Assert.That(Came().Distinct().Count(), Is.EqualTo(1));

        string[] Came() =>
            [
                .. department
                    .Inbox.Where(message =>
                        message.Header("x-axis-document-id") == letter.DocumentId
                    )
                    .Select(message => message.MessageId),
            ];
    }

    /// <summary>Whether office systems want an event when a letter lies in their inbox; known to the next start.</summary>
    private protected Task AnnounceArrivalsAsync(bool announced) =>
        _hub.ChangeRegistryAsync("UPDATE office_system SET announces_arrivals = $1", announced);

    private protected Task IsToldOnceAsync(Letter letter, string recipient) =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"""
                SELECT count(e.id) FROM delivery d JOIN package p ON p.id = d.package_id
                    LEFT JOIN event e ON e.delivery_id = d.id AND e.type = 'vn.axis.delivery.dispatched'
                WHERE p.document_id = '{letter.DocumentId}' AND d.recipient_code = '{recipient}'
                    AND d.state IN ('dispatched', 'collected')
                """
            ) == 1
        );

    private protected Task IsDispatchedAsync(Letter letter) =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync(
                $"""
                SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id
                WHERE p.document_id = '{letter.DocumentId}' AND d.state = 'dispatched'
                """
            ) == 1
        );

    private protected Task<long> StoredAsync(Letter letter) =>
        _hub.CountAsync($"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'");

    private protected async Task<int> InboxCountAsync(Letter letter)
    {
        using var commune = await _hub.ClientAsync("commune");
        return (await commune.ItemsAsync("v1/inbox?limit=1000")).Count(item =>
            item.GetProperty("documentId").GetString() == letter.DocumentId
        );
    }

    /// <summary>Lets every statement that takes a document key wait, until disposed.</summary>
    private protected async Task<IAsyncDisposable> LockAsync()
    {
        var connection = await _hub.Database.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN; LOCK TABLE document_key IN EXCLUSIVE MODE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Lets every statement that marks a delivery as dispatched wait before it writes, until disposed.</summary>
    private protected async Task<IAsyncDisposable> HoldMarksAsync()
    {
        var connection = await _hub.Database.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE FUNCTION hold_mark() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(77);
                RETURN NEW;
            END $$;
            CREATE TRIGGER hold_mark BEFORE UPDATE ON delivery FOR EACH ROW
                WHEN (OLD.state = 'waiting' AND NEW.state = 'dispatched') EXECUTE FUNCTION hold_mark();
            SELECT pg_advisory_lock(77)
            """;
        await command.ExecuteNonQueryAsync();
        return new HeldMarks(connection);
    }

    private sealed class HeldMarks(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                await using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT pg_advisory_unlock(77); DROP TRIGGER hold_mark ON delivery; DROP FUNCTION hold_mark";
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    private protected Task StatementWaitsAsync() =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM pg_stat_activity WHERE " + Waiting) > 0
        );
}
