using Axis.Cli.Local;
using Axis.EdXml;

namespace Axis.Cli.Demo;

/// <summary>Which way a letter goes in.</summary>
internal enum Door
{
    Http,
    Amqp,
}

/// <summary>What one recipient of a letter is to do, and what was seen of it.</summary>
/// <param name="Code">As the letter will write it: some use the old form.</param>
/// <param name="Reports">The statuses it will report, in order.</param>
internal sealed record Addressee(DemoAgency Agency, string Code, IReadOnlyList<string> Reports)
{
    public Guid? DeliveryId { get; set; }

    /// <summary>Null until it was collected; then whether the bytes are those that were sent.</summary>
    public bool? Identical { get; set; }

    /// <summary>The office system that receives for it; null behind the national axis.</summary>
    public string? OfficeSystem { get; init; }

    /// <summary>Its clerk does not take this letter: it lies in the inbox until the sender takes it back.</summary>
    public bool LeavesIt { get; init; }

    /// <summary>Seen in the inbox, and left there.</summary>
    public bool IsLeft { get; set; }

    /// <summary>The events that tell it of acts of the sender about the letter.</summary>
    public IReadOnlyList<string> Hears { get; set; } = [];

    /// <summary>Those that came to its office system.</summary>
    public List<string> Heard { get; } = [];

    /// <summary>What this recipient reported: code and SHA-256 of the status package.</summary>
    public List<(string Code, string Sha256)> Reported { get; } = [];

    /// <summary>What the sender was told, in the order it came.</summary>
    public List<(string Code, string Sha256, DateTimeOffset At)> Told { get; } = [];

    /// <summary>Where its delivery must stand at the end, if an act of the sender changed it.</summary>
    public string? EndsAs { get; set; }

    /// <summary>Behind the national axis.</summary>
    public bool IsFar => !Agency.IsInProvince;

    /// <summary>Behind a national axis that is not there: accepted and held.</summary>
    public bool IsHeld => IsFar && !IsReached;

    /// <summary>Behind a national axis that is there: it takes the letter, and reports what it likes.</summary>
    public bool IsReached { get; init; }

    public bool HasArrived => IsFar || IsLeft || Identical is not null;

    public bool IsComplete =>
        IsReached
            ? Told.Any(news => Reports.Contains(news.Code))
            : HasArrived && Told.Count >= Reports.Count;

    public bool HasHeardAll => Hears.All(Heard.Contains);
}

/// <summary>A letter of the morning: what is planned and what became of it. Guarded by its own lock.</summary>
internal sealed class Letter
{
    public required string Number { get; init; }
    public required string Notation { get; init; }
    public required string DocumentId { get; init; }
    public required DemoAgency From { get; init; }
    public required string OfficeSystem { get; init; }
    public required Door Door { get; init; }
    public required string Subject { get; init; }
    public required IReadOnlyList<Addressee> To { get; init; }
    public string TypeName { get; init; } = "Công văn";
    public int Priority { get; init; }
    public BusinessType Business { get; init; }
    public IReadOnlyList<AttachmentDraft> Attachments { get; init; } = [];

    /// <summary>Of a recall, update or replacement: the letter it is about.</summary>
    public Letter? About { get; init; }

    /// <summary>Also named as recipients; nothing is delivered to them.</summary>
    public IReadOnlyList<Addressee> Named { get; init; } = [];

    /// <summary>Whom an update takes the letter away from.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Some office systems may send unsigned: their policy is only to note the verdict.</summary>
    public bool Signed { get; init; } = true;

    /// <summary>Changed after it was signed, so the hub must refuse it.</summary>
    public bool Broken { get; init; }

    public Lock Gate { get; } = new();

    public string Sha256 { get; set; } = "";
    public long Size { get; set; }
    public Guid? PackageId { get; set; }
    public DateTimeOffset? AcceptedAt { get; set; }

    /// <summary>The hub's number when it refused.</summary>
    public string? Refusal { get; set; }

    /// <summary>What went wrong, in words; empty when all is as it should be.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>The name that deliveries are matched by.</summary>
    public (string DocumentId, string Business) Key =>
        (DocumentId, Business.ToString().ToLowerInvariant());

    public bool HasBeenHeardOf => To.All(to => to.HasHeardAll);

    public bool IsComplete =>
        Broken ? Refusal is not null : PackageId is not null && To.All(to => to.IsComplete);
}
