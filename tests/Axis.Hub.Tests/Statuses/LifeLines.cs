using System.Security.Cryptography;

namespace Axis.Hub.Tests.Statuses;

/// <summary>One line of a delivery's history.</summary>
/// <param name="By">The office system whose doing it was, or <c>hub</c>.</param>
internal sealed record Kept(string What, string By)
{
    /// <summary>Of a status report: its code.</summary>
    public string? Code { get; init; }

    /// <summary>applied, repeated or late; null of what is not judged.</summary>
    public string? Outcome { get; init; }
    public string? Words { get; init; }

    /// <summary>Which status package it was, by its digest.</summary>
    public string? Package { get; init; }

    public Kept With(Said cause) => this with { Words = cause.Words, Package = cause.Package };

    public override string ToString() =>
        $"{What} {Code ?? "-"} {Outcome ?? "-"} by {By}: {Words ?? "-"}; package {Package ?? "-"}";
}

/// <summary>One event of a delivery.</summary>
/// <param name="To">The office system that is told.</param>
/// <param name="Stage">Where the delivery stands after it.</param>
internal sealed record Told(
    string Type,
    string To,
    string Stage,
    string? Code = null,
    string? Outcome = null
)
{
    public string? Words { get; init; }

    /// <summary>Which status package it carries, by its digest.</summary>
    public string? Package { get; init; }

    /// <summary>The package and the document of the act that it tells of.</summary>
    public string? Act { get; init; }
    public bool ShowsLetter { get; init; }

    public Told With(Said cause) =>
        this with
        {
            Words = cause.Words,
            Package = cause.Package,
            Act = cause.Act,
        };

    public override string ToString() =>
        $"{Type} to {To}: {Stage}, {Code ?? "-"} {Outcome ?? "-"}: {Words ?? "-"}; package {Package ?? "-"}, "
        + $"act {Act ?? "-"}{(ShowsLetter ? ", with the letter" : "")}";
}

/// <summary>What a report or an act said, and in which package.</summary>
internal sealed record Said(string Words, string? Package, string? Act)
{
    // As every letter of the tests gives it.
    private const string Reason = "Văn bản điện tử";

    public static Said InReport(string words, byte[] report) => new(words, DigestOf(report), null);

    public static Said InAct(Guid package, string document) =>
        new(Reason, null, $"{package} {document}");

    public static string DigestOf(byte[] package) =>
        Convert.ToHexStringLower(SHA256.HashData(package))[..12];
}
