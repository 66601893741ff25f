using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Statuses;

/// <summary>
/// Lives in which recipients are told of what comes into their inbox: once of each letter, update and recall that is brought
/// there, whatever becomes of it later; and who did not ask is told of nothing.
/// </summary>
public sealed partial class ModelTests
{
    private const string Arrival = "vn.axis.delivery.dispatched";

    private string[] _asking = [];

    /// <summary>Nobody, the one, the other, both: in turn, sixteen lives each, so that a life alone has what it had among others.</summary>
    private async Task AskAsync(int seed)
    {
        const int Lives = 16;
        var turn = seed / Lives;
        string[] asking =
        [
            .. (turn & 1) == 0 ? [] : (string[])[TestProvince.Commune],
            .. (turn & 2) == 0 ? [] : (string[])[TestProvince.Department],
        ];
        if (!asking.SequenceEqual(_asking))
        {
            await _hub.ChangeRegistryAsync(
                "UPDATE office_system SET announces_arrivals = id = ANY($1)",
                (object)asking.Select(OfficeSystemOf).ToArray()
            );
            _asking = asking;
        }
    }

    /// <summary>
    /// Compares whom a package is brought to with whom the model says. An inbox on the broker is told with the mark that the
    /// broker has it, so that is waited for: who collects before it is not told, and that would be chance.
    /// </summary>
    private async Task BringAsync(Life life, JsonElement receipt, IEnumerable<string> expected)
    {
        var brought = receipt
            .GetProperty("deliveries")
            .EnumerateArray()
            .ToDictionary(
                one => one.GetProperty("recipient").GetString()!,
                one => one.GetProperty("deliveryId").GetGuid()
            );
        Assert.That(brought.Keys, Is.EquivalentTo(expected), "brought");
        foreach (var (recipient, delivery) in brought)
        {
            life.Brought.Add((recipient, delivery));
            if (recipient == TestProvince.Department && _asking.Contains(recipient))
            {
                await Eventually.HoldsAsync(async () =>
                    await _hub.CountAsync(
                        $"SELECT count(*) FROM delivery WHERE id = '{delivery}' AND state <> 'waiting'"
                    ) == 1
                );
            }
        }
    }

    private async Task AssertToldAsync(Life life)
    {
        await using var command = _hub.Database.CreateCommand(
            "SELECT delivery_id, office_system_id, sequence FROM event WHERE type = $1 AND delivery_id = ANY($2)"
        );
        command.Parameters.Add(new() { Value = Arrival });
        command.Parameters.Add(
            new() { Value = life.Brought.Select(one => one.Delivery).ToArray() }
        );
        await using var reader = await command.ExecuteReaderAsync();
        var told = new List<(Guid, string, int)>();
        while (await reader.ReadAsync())
        {
            told.Add((reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2)));
        }
        Assert.That(
            told,
            Is.EquivalentTo(
                life.Brought.Where(one => _asking.Contains(one.Recipient))
                    .Select(one => (one.Delivery, OfficeSystemOf(one.Recipient), 1))
            ),
            "told of, once, first of all, and nobody else"
        );
    }

    private static string OfficeSystemOf(string recipient) =>
        recipient == TestProvince.Commune ? "commune" : "department";
}
