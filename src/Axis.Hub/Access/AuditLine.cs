namespace Axis.Hub.Access;

/// <summary>
/// Who did what, with which outcome. <c>Actor</c> is an office system, an operator or <c>hub</c>; <c>Remote</c> the
/// address the request came from; <c>Detail</c> is stored as JSON. Never a secret, never document content.
/// </summary>
public sealed record AuditLine(
    DateTimeOffset At,
    string Actor,
    string? Remote,
    string Action,
    AuditOutcome Outcome,
    object? Detail = null
);

public enum AuditOutcome
{
    Ok,

    /// <summary>Understood and allowed to ask, but the content was not acceptable.</summary>
    Refused,

    /// <summary>Not allowed.</summary>
    Denied,
}

/// <summary>The verbs that appear in the audit log.</summary>
public static class AuditActions
{
    public const string IssueToken = "token.issue";
    public const string Request = "http.request";
    public const string ReadAudit = "audit.read";
    public const string ExportAudit = "audit.export";
    public const string AddKey = "key.add";
    public const string RevokeKey = "key.revoke";
    public const string RevokeCertificate = "certificate.withdraw";
    public const string CloseConnections = "broker.close";
    public const string BrokerLogin = "broker.login";
    public const string BrokerUse = "broker.use";
    public const string SubmitPackage = "package.submit";
    public const string RetryDelivery = "delivery.retry";
    public const string RetryRoute = "route.retry";
    public const string ReplayDeliveries = "replay.order";
    public const string StopReplay = "replay.stop";
    public const string ArchiveMonth = "archive.month";
    public const string SetSignaturePolicy = "policy.set";
    public const string ImportRegistry = "registry.import";
    public const string ChangeWebhook = "webhook.change";
    public const string SetNotices = "notices.set";
    public const string TestNotices = "notices.test";
    public const string UseVxp = "vxp.use";
    public const string ProvisionVxp = "vxp.provision";
    public const string ChangeAgency = "agency.change";
    public const string ImportCatalogue = "registry.catalogue";
    public const string Reorganise = "registry.reorganise";
    public const string CloseAgency = "agency.close";
    public const string SucceedAgency = "agency.succeed";
    public const string AddOfficeSystem = "office_system.add";
    public const string ChangeOfficeSystem = "office_system.change";
    public const string RotateSecret = "office_system.rotate";
    public const string LockOfficeSystem = "office_system.lock";
    public const string ServeAgencies = "office_system.serve";
    public const string NationalPause = "national.pause";
    public const string NationalResume = "national.resume";
    public const string NationalReplay = "national.replay";
    public const string NationalSettle = "national.settle";
    public const string SyncCatalogue = "national.catalogue";
    public const string RegisterThere = "national.register";
    public const string NationalAlert = "national.alert";
}
