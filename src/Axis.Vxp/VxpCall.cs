using static Axis.Vxp.VxpParameter;

namespace Axis.Vxp;

/// <summary>What an answer carries beside <c>status</c>, <c>ErrorCode</c> and <c>ErrorDesc</c>.</summary>
public enum VxpAnswerKind
{
    /// <summary>Nothing more.</summary>
    Plain,

    /// <summary><c>data</c>: an array.</summary>
    List,

    /// <summary><c>DocId</c>: a string, also on failure.</summary>
    DocId,

    /// <summary><c>data</c>: base64 of a package.</summary>
    Package,

    /// <summary><c>count</c>: a number.</summary>
    Count,

    /// <summary>No JSON at all: the bytes of the file, and on failure an empty body.</summary>
    File,
}

/// <summary>One call of the protocol.</summary>
/// <param name="Name">The last segment of its path.</param>
/// <param name="Verb">GET for downloadEdoc; all others, the counts included, are POST on the wire.</param>
/// <param name="Body">What the client sends: nothing, the two bytes <c>{}</c>, a file, or JSON of the application.</param>
/// <param name="Parameters">In the order in which the known clients put them into the signed text.</param>
public sealed record VxpCall(
    string Name,
    string Verb,
    VxpBody Body,
    VxpAnswerKind Answer,
    IReadOnlyList<string> Parameters
)
{
    private static readonly string[] List =
    [
        SystemId,
        ServiceType,
        MessageType,
        Timestamp,
        ContentType,
    ];
    private static readonly string[] Document = [SystemId, DocId, FilePath, Timestamp, ContentType];
    private static readonly string[] Bare = [SystemId, Timestamp, ContentType];
    private static readonly string[] Counting = [SystemId, ServiceType, Timestamp, ContentType];

    public static VxpCall GetReceivedEdocList { get; } =
        new("getReceivedEdocList", "POST", VxpBody.None, VxpAnswerKind.List, List);

    public static VxpCall GetSentEdocList { get; } =
        new("getSentEdocList", "POST", VxpBody.None, VxpAnswerKind.List, List);

    public static VxpCall SendEdoc { get; } =
        new(
            "sendEdoc",
            "POST",
            VxpBody.File,
            VxpAnswerKind.DocId,
            [SystemId, ServiceType, MessageType, HashFile, From, To, Timestamp, ContentType]
        );

    public static VxpCall GetEdoc { get; } =
        new("getEdoc", "POST", VxpBody.EmptyObject, VxpAnswerKind.Package, Document);

    public static VxpCall UpdateStatus { get; } =
        new(
            "updateStatus",
            "POST",
            VxpBody.EmptyObject,
            VxpAnswerKind.Plain,
            [SystemId, DocId, Timestamp, ContentType, Status]
        );

    public static VxpCall GetAgenciesList { get; } =
        new("getAgenciesList", "POST", VxpBody.None, VxpAnswerKind.List, Bare);

    public static VxpCall GetAgenciesListQD20 { get; } =
        new(
            "getAgenciesListQD20",
            "POST",
            VxpBody.None,
            VxpAnswerKind.List,
            [SystemId, Level, Timestamp, ContentType]
        );

    public static VxpCall GetSynchronizeUnit { get; } =
        new("getSynchronizeUnit", "POST", VxpBody.None, VxpAnswerKind.List, Bare);

    public static VxpCall RegisterAgency { get; } =
        new("registerAgency", "POST", VxpBody.Json, VxpAnswerKind.Plain, Bare);

    public static VxpCall DeleteAgency { get; } =
        new(
            "deleteAgency",
            "POST",
            VxpBody.EmptyObject,
            VxpAnswerKind.Plain,
            [SystemId, AgencyCode, Timestamp, ContentType]
        );

    public static VxpCall CountReceiveEdoc { get; } =
        new("countReceiveEdoc", "POST", VxpBody.EmptyObject, VxpAnswerKind.Count, Counting);

    public static VxpCall CountReceiveStatus { get; } =
        new("countReceiveStatus", "POST", VxpBody.EmptyObject, VxpAnswerKind.Count, Counting);

    public static VxpCall DownloadEdoc { get; } =
        new("downloadEdoc", "GET", VxpBody.None, VxpAnswerKind.File, Document);

    public static IReadOnlyList<VxpCall> All { get; } =
    [
        GetReceivedEdocList,
        GetSentEdocList,
        SendEdoc,
        GetEdoc,
        UpdateStatus,
        GetAgenciesList,
        GetAgenciesListQD20,
        GetSynchronizeUnit,
        RegisterAgency,
        DeleteAgency,
        CountReceiveEdoc,
        CountReceiveStatus,
        DownloadEdoc,
    ];

    /// <summary>By the last segment of a path, in exact case as clients write it.</summary>
    public static VxpCall? Named(string name) =>
        All.FirstOrDefault(call => call.Name.Equals(name, StringComparison.Ordinal));
}

public enum VxpBody
{
    None,
    EmptyObject,
    File,
    Json,
}
