using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations.Doctor;

/// <param name="Health">The worst of all findings.</param>
public sealed record Diagnosis(Health Health, IReadOnlyList<Finding> Findings);

/// <summary>Looks at everything that must be right for nothing to be lost. What cannot be looked at is a finding too.</summary>
public sealed class DoctorVisit(
    IEnumerable<IExamination> examinations,
    IOptions<OperationsOptions> options
)
{
    public async Task<Diagnosis> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var examination in examinations)
        {
            findings.AddRange(await ExamineAsync(examination, cancellationToken));
        }
        return new Diagnosis(findings.Max(finding => finding.Health), findings);
    }

    private async Task<IReadOnlyList<Finding>> ExamineAsync(
        IExamination examination,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.QueryTimeout);
        try
        {
            return await examination.ExamineAsync(limit.Token);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return [Unseen(examination.Subject, failure)];
        }
    }

    // What must be right is in the database, so most examinations ask it first; the blame is its own.
    private static Finding Unseen(string subject, Exception failure) =>
        failure is NpgsqlException && subject != DatabaseExamination.SubjectName
            ? Finding.Unsafe(
                subject,
                $"cannot be looked at without PostgreSQL: {failure.GetBaseException().Message}",
                "Start PostgreSQL, then ask again."
            )
            : Finding.Unsafe(
                subject,
                $"cannot be looked at: {failure.GetBaseException().Message}",
                "Start it, or mend its address, name or password in the settings."
            );
}
