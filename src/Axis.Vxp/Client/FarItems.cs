namespace Axis.Vxp.Client;

/// <summary>An item of getReceivedEdocList, as far as a server gave it: texts are empty where it did not.</summary>
public sealed record ReceivedEdoc(
    string DocId,
    string MessageType,
    string From,
    string To,
    string CreatedTime,
    string Status
);

/// <summary>An item of getSentEdocList, of either form.</summary>
/// <param name="DocId">What sendEdoc answered.</param>
/// <param name="ReceiveStatus">What the receiver's system said about fetching it.</param>
public sealed record SentEdoc(
    string DocId,
    string ReceiverDocId,
    string MessageType,
    string From,
    string To,
    string Title,
    string Notation,
    string SentTime,
    string ReceiveStatus,
    string SendStatus,
    string SendStatusDesc
);

/// <summary>An agency of the far side's catalogue, from any of its three lists.</summary>
/// <param name="OldCode">The code of QCVN 102:2016, where the list gives one.</param>
public sealed record FarAgency(
    string Id,
    string ParentId,
    string Code,
    string OldCode,
    string Name,
    string Mail,
    bool IsDeleted,
    bool IsAgency,
    string CenterCode,
    string ModifyDate
);
