namespace Axis.Hub.Operations.Doctor;

public enum Health
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but some day it will not, or less well than it could.</summary>
    Warning,

    /// <summary>Letters can be lost or the hub cannot work.</summary>
    Unsafe,
}

/// <summary>What one look found.</summary>
/// <param name="Subject">What was looked at: <c>postgresql.fsync</c>, <c>rabbitmq.queues</c>, …</param>
/// <param name="Found">What is the case.</param>
/// <param name="Mend">What to do about it; null when nothing is to be done.</param>
public sealed record Finding(string Subject, Health Health, string Found, string? Mend = null)
{
    public static Finding Ok(string subject, string found) => new(subject, Health.Ok, found);

    public static Finding Warning(string subject, string found, string mend) =>
        new(subject, Health.Warning, found, mend);

    public static Finding Unsafe(string subject, string found, string mend) =>
        new(subject, Health.Unsafe, found, mend);
}

/// <summary>One part of the surroundings that is looked at. Looks only; mends nothing.</summary>
public interface IExamination
{
    string Subject { get; }

    Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken);
}
