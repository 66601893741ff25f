using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axis.Client;

/// <summary>The JSON of the hub: camelCase, absent instead of null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(DocumentReceipt))]
[JsonSerializable(typeof(StatusReceipt))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Pong))]
[JsonSerializable(typeof(PackageView))]
[JsonSerializable(typeof(Items<PackageView>))]
[JsonSerializable(typeof(LetterPage))]
[JsonSerializable(typeof(Items<InboxItem>))]
[JsonSerializable(typeof(Items<CloudEvent>))]
[JsonSerializable(typeof(CloudEvent))]
[JsonSerializable(typeof(EventIds))]
[JsonSerializable(typeof(DeliveryIds))]
[JsonSerializable(typeof(ClaimCheck))]
[JsonSerializable(typeof(Token))]
[JsonSerializable(typeof(TokenRefusal))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class AxisJson : JsonSerializerContext
{
    /// <summary>The member kind tells the two receipts apart.</summary>
    public static SubmissionReceipt ReadReceipt(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        SubmissionReceipt? receipt = document.RootElement.GetProperty("kind").GetString() switch
        {
            "status" => document.RootElement.Deserialize(Default.StatusReceipt),
            _ => document.RootElement.Deserialize(Default.DocumentReceipt),
        };
        return receipt ?? throw new JsonException("The receipt is empty.");
    }
}

internal sealed record EventIds(IReadOnlyCollection<Guid> Ids);

internal sealed record DeliveryIds(
    [property: JsonPropertyName("deliveryIds")] IReadOnlyCollection<Guid> Ids
);

internal sealed record ClaimCheck(Guid DeliveryId, string Sha256, long Size, string Path);

internal sealed record Token(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn
);

/// <summary>RFC 6749, section 5.2, with the hub's numbered errors beside it.</summary>
internal sealed record TokenRefusal(
    string Error,
    [property: JsonPropertyName("error_description")] string? Description = null,
    IReadOnlyList<ErrorItem>? Errors = null
);
