using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axis.Vxp;

/// <summary>
/// How answers are written: absent instead of null, because one null in one item costs the client the whole list, and
/// pure ASCII, because the newest client reads the answer to sendEdoc as US-ASCII.
/// </summary>
public static class VxpJson
{
    public static JsonSerializerOptions Options { get; } =
        new()
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.Default,
        };
}

/// <summary>The three members of every answer, always all of them.</summary>
public static class VxpStatus
{
    public const string Ok = "OK";
    public const string Fail = "FAIL";

    /// <summary>The only code that clients take for success; <c>00</c> is a failure to them.</summary>
    public const string NoError = "0";
}

/// <summary>
/// An answer in JSON. Whichever of the last three members a call has must be there on failure too: clients lose the
/// error without <c>DocId</c>, and old ones without <c>data</c>.
/// </summary>
/// <param name="Data">An array, or a string in base64.</param>
public sealed record VxpAnswer(
    [property: JsonPropertyName("status"), JsonPropertyOrder(0)] string Status,
    [property: JsonPropertyName("ErrorCode"), JsonPropertyOrder(1)] string ErrorCode,
    [property: JsonPropertyName("ErrorDesc"), JsonPropertyOrder(2)] string ErrorDesc,
    [property: JsonPropertyName("DocId"), JsonPropertyOrder(3)] string? DocId = null,
    [property: JsonPropertyName("data"), JsonPropertyOrder(5)] object? Data = null,
    [property: JsonPropertyName("count"), JsonPropertyOrder(4)] int? Count = null
)
{
    private static readonly VxpAnswer Success = new(VxpStatus.Ok, VxpStatus.NoError, "");

    public static VxpAnswer Ok() => Success;

    public static VxpAnswer OfDocument(string docId) => Success with { DocId = docId };

    public static VxpAnswer OfList<T>(IReadOnlyList<T> items) => Success with { Data = items };

    public static VxpAnswer OfCount(int count) => Success with { Count = count };

    /// <summary>The failure that every known client understands, for a call of any kind but a download.</summary>
    public static VxpAnswer Failure(VxpAnswerKind kind, string code, string description) =>
        new(
            VxpStatus.Fail,
            code,
            description,
            DocId: "",
            Data: kind == VxpAnswerKind.List ? Array.Empty<object>() : "",
            Count: kind == VxpAnswerKind.Count ? 0 : null
        );

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, VxpJson.Options);
}

/// <summary>
/// An item of getReceivedEdocList. Times are free text to clients; <c>yyyy/MM/dd HH:mm:ss</c> is what they print.
/// </summary>
public sealed record ReceivedItem(
    [property: JsonPropertyName("docId")] string DocId,
    [property: JsonPropertyName("serviceType")] string ServiceType,
    [property: JsonPropertyName("messageType")] string MessageType,
    [property: JsonPropertyName("created_time")] string CreatedTime,
    [property: JsonPropertyName("updated_time")] string UpdatedTime,
    [property: JsonPropertyName("from")] string From,
    [property: JsonPropertyName("to")] string To,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("status_desc")] string StatusDesc
);

/// <summary>
/// An item of getSentEdocList: what the newer clients read, followed by the members of a received item, because the
/// oldest client in use reads only those.
/// </summary>
public sealed record SentItem(
    [property: JsonPropertyName("serviceType")] string ServiceType,
    [property: JsonPropertyName("messageType")] string MessageType,
    [property: JsonPropertyName("senderDocId")] string SenderDocId,
    [property: JsonPropertyName("receiverDocId")] string ReceiverDocId,
    [property: JsonPropertyName("fromCode")] string FromCode,
    [property: JsonPropertyName("toCode")] string ToCode,
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("notation")] string Notation,
    [property: JsonPropertyName("sentTime")] string SentTime,
    [property: JsonPropertyName("receivedTime")] string ReceivedTime,
    [property: JsonPropertyName("sendStatus")] string SendStatus,
    [property: JsonPropertyName("sendStatusDesc")] string SendStatusDesc,
    [property: JsonPropertyName("receiveStatus")] string ReceiveStatus,
    [property: JsonPropertyName("receiveStatusDesc")] string ReceiveStatusDesc
)
{
    [JsonPropertyName("docId")]
    public string DocId => SenderDocId;

    [JsonPropertyName("from")]
    public string From => FromCode;

    [JsonPropertyName("to")]
    public string To => ToCode;

    [JsonPropertyName("status")]
    public string Status => ReceiveStatus;

    [JsonPropertyName("status_desc")]
    public string StatusDesc => ReceiveStatusDesc;

    [JsonPropertyName("created_time")]
    public string CreatedTime => SentTime;

    [JsonPropertyName("updated_time")]
    public string UpdatedTime => ReceivedTime.Length > 0 ? ReceivedTime : SentTime;
}

/// <summary>An item of getAgenciesList. <c>Pid</c> is "0" at the top.</summary>
public sealed record AgencyItem(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("pid")] string Pid,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("mail")] string Mail,
    [property: JsonPropertyName("oldCode")] string OldCode
);

/// <summary>An item of getAgenciesListQD20: the code of QĐ 20/2020 and the older one of QCVN 102:2016.</summary>
public sealed record AgencyQd20Item(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("mail")] string Mail,
    [property: JsonPropertyName("code102")] string Code102
);

/// <summary>An item of getSynchronizeUnit.</summary>
public sealed record UnitItem(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("pid")] string Pid,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("mail")] string Mail,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("centerCode")] string CenterCode,
    [property: JsonPropertyName("deleted")] bool Deleted,
    [property: JsonPropertyName("modifyDate")] string ModifyDate,
    [property: JsonPropertyName("isAgency")] bool IsAgency
);

/// <summary>The body of registerAgency.</summary>
public sealed record AgencyRegistration(
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("pcode")] string? ParentCode,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("mail")] string? Mail,
    [property: JsonPropertyName("mobile")] string? Mobile,
    [property: JsonPropertyName("fax")] string? Fax
);
