using System.Text.Json;
using Axis.Hub.Errors;

namespace Axis.Hub.Operations.Doctor;

/// <summary><c>Axis.Hub doctor [--json]</c>: looks at everything with the settings of the hub; the hub need not run.</summary>
public static class DoctorVerb
{
    public const string Name = "doctor";

    /// <summary>Exit code: 0 nothing unsafe (warnings may be), 1 something is unsafe, 2 wrong usage.</summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        DoctorVisit doctor,
        TextWriter output,
        CancellationToken cancellationToken
    )
    {
        if (arguments is not ([] or ["--json"]))
        {
            await output.WriteLineAsync("usage: Axis.Hub doctor [--json]");
            return 2;
        }
        var diagnosis = await doctor.ExamineAsync(cancellationToken);
        await output.WriteLineAsync(
            arguments.Count > 0
                ? JsonSerializer.Serialize(diagnosis, HubJson.Options)
                : string.Join('\n', diagnosis.Findings.Select(InWords))
        );
        return diagnosis.Health == Health.Unsafe ? 1 : 0;
    }

    private static string InWords(Finding finding) =>
        $"{MarkOf(finding.Health)}  {finding.Subject, -32} {finding.Found}"
        + (finding.Mend is null ? "" : $"\n         -> {finding.Mend}");

    private static string MarkOf(Health health) =>
        health switch
        {
            Health.Ok => "ok     ",
            Health.Warning => "warning",
            _ => "UNSAFE ",
        };
}
