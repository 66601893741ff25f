using Axis.Hub.Operations.Doctor;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

/// <summary>Whether the exchange with far axes runs, as the doctor asks it.</summary>
internal sealed class NationalExamination(FarStatus status, IOptions<NationalOptions> options)
    : IExamination
{
    public string Subject => "national";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Axes.Count == 0)
        {
            return
            [
                Finding.Ok("national", "No far axis is connected; national deliveries are held"),
            ];
        }
        var findings = new List<Finding>();
        foreach (var axis in await status.ReadAsync(cancellationToken))
        {
            var subject = $"national.{axis.Axis}";
            var open = axis.Alerts.Where(alert => alert.EndedAt is null).ToArray();
            findings.Add(
                open.Length == 0
                    ? Finding.Ok(
                        subject,
                        $"{axis.Endpoint} answers; {axis.Waiting} packages wait to be sent"
                    )
                    : Finding.Warning(
                        subject,
                        string.Join("; ", open.Select(alert => $"{alert.Kind}: {alert.Detail}")),
                        "See docs/national-axis.md for each of them."
                    )
            );
        }
        return findings;
    }
}
