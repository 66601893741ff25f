using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axis.TestKit;

/// <summary>The AsyncAPI document: whether a message that the hub put on a queue is one it describes.</summary>
public static class ContractAmqp
{
    public static ContractFile File { get; } = ContractFile.Load("asyncapi.yaml");

    /// <exception cref="ContractException">The message is not as the contract describes it.</exception>
    public static void Hold(string queue, string officeSystem, Received message)
    {
        var found = new List<string>();
        if (Described(queue, officeSystem, message, found) is { } described)
        {
            Check(described, message, found);
        }
        if (found.Count > 0)
        {
            throw new ContractException(
                $"On {queue} came {message.Type} {message.ContentType}, which {File.Name} does not describe:\n  {string.Join("\n  ", found)}"
            );
        }
    }

    private static ContractNode? Described(
        string queue,
        string officeSystem,
        Received message,
        List<string> found
    )
    {
        var channel = File.Root["channels"]!
            .Members.Select(one => one.Node)
            .FirstOrDefault(one =>
                one["bindings"]!["amqp"]!["queue"]?["name"]?.Text is { } name
                && name.Replace("{officeSystem}", officeSystem, StringComparison.Ordinal) == queue
            );
        var described = channel
            ?["messages"]!.Members.Select(one => one.Node)
            .FirstOrDefault(one =>
                one["bindings"]!["amqp"]!["messageType"]!.Text == message.Type
                && one["contentType"]!.Text == message.ContentType
            );
        if (described is null)
        {
            found.Add(channel is null ? "no such queue" : $"{channel} has no such message");
        }
        return described;
    }

    private static void Check(ContractNode described, Received message, List<string> found)
    {
        // All that the hub sends is told apart from its repeats by this.
        if (!Guid.TryParse(message.MessageId, out _))
        {
            found.Add($"message_id: {message.MessageId} is no uuid");
        }
        if (described["headers"] is { } headers)
        {
            found.AddRange(ContractSchema.MismatchesOf(headers, HeadersOf(message)));
        }
        if (message.ContentType!.EndsWith("json", StringComparison.Ordinal))
        {
            var payload = described["payload"]!;
            found.AddRange(ContractSchema.MismatchesOf(payload["schema"] ?? payload, message.Json));
        }
    }

    /// <summary>The hub's own headers; the broker adds some of its own, such as the count of deliveries.</summary>
    private static JsonElement HeadersOf(Received message) =>
        JsonSerializer.SerializeToElement(
            new JsonObject(
                message
                    .Headers.Where(header =>
                        header.Key.StartsWith("x-axis-", StringComparison.Ordinal)
                    )
                    .Select(header =>
                        KeyValuePair.Create(
                            header.Key,
                            (JsonNode?)(
                                header.Value is byte[] text
                                    ? JsonValue.Create(Encoding.UTF8.GetString(text))
                                    : JsonSerializer.SerializeToNode(header.Value)
                            )
                        )
                    )
            )
        );
}
