using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary>One file and what was found in it; also the shape of <c>check --json</c>.</summary>
internal sealed record CheckedFile
{
    public required string File { get; init; }
    public PackageKind? Kind { get; init; }
    public EnvelopeForm Form { get; init; }
    public long Size { get; init; }
    public string? Sha256 { get; init; }
    public required bool Ok { get; init; }

    /// <summary>Why the file could not be read at all; absent when it was.</summary>
    public string? Unreadable { get; init; }
    public IReadOnlyList<CheckFinding> Findings { get; init; } = [];

    public int Count(Severity severity) => Findings.Count(finding => finding.Severity == severity);

    /// <param name="name">The name to show.</param>
    /// <exception cref="CommandFailure">The file cannot be opened.</exception>
    /// <exception cref="IOException">Reading failed half-way.</exception>
    public static async Task<CheckedFile> CheckAsync(
        FileInfo file,
        string name,
        RuleProfile profile,
        CancellationToken cancellation
    )
    {
        var reading = await PackageFile.ReadAsync(file, AttachmentDetail.Full, cancellation);
        var findings = PackageRules.Check(reading, profile, Format.Today);
        return new CheckedFile
        {
            File = name,
            Kind = reading.Kind,
            Form = reading.Form,
            Size = reading.Length,
            Sha256 = Convert.ToHexStringLower(reading.Sha256.Span),
            Ok = findings.All(finding => finding.Severity != Severity.Error),
            Findings = [.. findings.Select(CheckFinding.Of)],
        };
    }

    public void Print(TextWriter output)
    {
        if (Unreadable is not null)
        {
            output.WriteLine($"{File}: cannot be read: {Unreadable}");
            return;
        }

        var kind = Kind switch
        {
            PackageKind.Document => "document package",
            PackageKind.Status => "status package",
            _ => "not an edXML package",
        };
        output.WriteLine($"{File}: {kind}, {Format.Size(Size)}");
        foreach (var finding in Findings)
        {
            var place = finding.Line is null
                ? ""
                : $"  line {finding.Line}, column {finding.Column}";
            output.WriteLine(
                $"  {Word(finding.Severity), -8} {finding.Code}  {finding.Path}{place}\n"
                    + $"           {finding.MessageVi}\n           {finding.Message}"
            );
        }
    }

    public static string Count(int n, string word) => n == 1 ? $"1 {word}" : $"{n} {word}s";

    private static string Word(Severity severity) =>
        severity switch
        {
            Severity.Error => "error",
            Severity.Warning => "warning",
            _ => "note",
        };
}

/// <summary>A finding in the words of the API.</summary>
internal sealed record CheckFinding(
    string Code,
    Severity Severity,
    string Path,
    string? Value,
    string? Expected,
    int? Line,
    int? Column,
    string Message,
    string MessageVi
)
{
    public static CheckFinding Of(Finding finding) =>
        new(
            $"AXIS-{finding.Rule.Number}",
            finding.Severity,
            finding.Path,
            finding.Value,
            finding.Expected,
            finding.Line > 0 ? finding.Line : null,
            finding.Column > 0 ? finding.Column : null,
            finding.MessageEn,
            finding.MessageVi
        );
}
