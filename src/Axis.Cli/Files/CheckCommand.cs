using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary><c>check FILE</c>: what a hub or the standard would object to.</summary>
internal static class CheckCommand
{
    public static Command Build()
    {
        var file = PackageFile.Argument();
        var json = PackageFile.Json();
        var profile = new Option<RuleProfile>("--profile")
        {
            Description =
                "tolerant: what can be read at all; axis: what the hub insists on; strict: the standard of 2022.",
            DefaultValueFactory = _ => RuleProfile.Axis,
        };
        var command = new Command("check", "Check an edXML file; exit code 1 when it has errors.")
        {
            file,
            json,
            profile,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    parsed.GetValue(file)!,
                    parsed.GetValue(profile),
                    parsed.GetValue(json),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        FileInfo file,
        RuleProfile profile,
        bool json,
        CancellationToken cancellation
    )
    {
        var reading = await PackageFile.ReadAsync(file, AttachmentDetail.Full, cancellation);
        var findings = PackageRules.Check(reading, profile, Format.Today);
        var errors = findings.Count(finding => finding.Severity == Severity.Error);
        if (json)
        {
            JsonOutput.Print(
                new
                {
                    file = file.Name,
                    reading.Kind,
                    reading.Form,
                    size = reading.Length,
                    sha256 = Convert.ToHexStringLower(reading.Sha256.Span),
                    ok = errors == 0,
                    findings = findings.Select(Finding.Of),
                }
            );
        }
        else
        {
            Print(file, reading, findings, errors);
        }

        return errors == 0 ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static void Print(
        FileInfo file,
        PackageReading reading,
        IReadOnlyList<EdXml.Finding> findings,
        int errors
    )
    {
        var kind = reading.Kind switch
        {
            PackageKind.Document => "document package",
            PackageKind.Status => "status package",
            _ => "not an edXML package",
        };
        Console.WriteLine($"{file.Name}: {kind}, {Format.Size(reading.Length)}");
        foreach (var finding in findings)
        {
            var place = finding.Line > 0 ? $"  line {finding.Line}, column {finding.Column}" : "";
            Console.WriteLine(
                $"  {Word(finding.Severity), -8} AXIS-{finding.Rule.Number}  {finding.Path}{place}\n"
                    + $"           {finding.MessageVi}\n           {finding.MessageEn}"
            );
        }

        Console.WriteLine(
            errors == 0 ? "No errors."
            : errors == 1 ? "1 error."
            : $"{errors} errors."
        );
    }

    private static string Word(Severity severity) =>
        severity switch
        {
            Severity.Error => "error",
            Severity.Warning => "warning",
            _ => "note",
        };

    private sealed record Finding(
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
        public static Finding Of(EdXml.Finding finding) =>
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
}
