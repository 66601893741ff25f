using Axis.EdXml;
using Axis.Hub.Intake;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Deadlines;

public static class DeadlineKinds
{
    /// <summary>Received (03) or refused (02): what an urgent letter asks for (QĐ 28/2018 Đ6.2).</summary>
    public const string Reception = "reception";

    /// <summary>Done (06): what a letter with a DueDate asks for (Đ10.2o).</summary>
    public const string Completion = "completion";
}

/// <summary>A clock of one delivery, as it starts.</summary>
public sealed record PlannedDeadline(
    Guid DeliveryId,
    string Kind,
    DateTimeOffset StartedAt,
    DateTimeOffset DueAt,
    DateTimeOffset? NextReminderAt
);

/// <summary>Which clocks the deliveries of an accepted letter get. Pure: the letter and the calendar in, rows out.</summary>
public sealed class DeadlinePlan(WorkingTime time, IOptions<DeadlineOptions> options)
{
    public IEnumerable<PlannedDeadline> Of(DocumentAcceptance letter)
    {
        var header = letter.Document.Header;
        // A recall, and an update of a letter that the recipient has, ask for an answer and not for work.
        if (header.Business.Type == BusinessType.Recall)
        {
            yield break;
        }
        foreach (var delivery in letter.Deliveries.Where(delivery => delivery.About is null))
        {
            foreach (
                var clock in OfDelivery(
                    delivery.Id,
                    Priorities.Of(header),
                    header.DueDate?.Date,
                    letter.ReceivedAt
                )
            )
            {
                yield return clock;
            }
        }
    }

    /// <summary>When a letter is due that names a day; null for a day that nobody can mean.</summary>
    public DateTimeOffset? CompletionOf(DateOnly? day) =>
        day is { Year: >= 2000 and <= 2200 } due ? time.EndOf(due) : null;

    /// <summary>The clocks of one delivery of a letter, which start when its recipient could first have it.</summary>
    public IEnumerable<PlannedDeadline> OfDelivery(
        Guid deliveryId,
        int priority,
        DateOnly? dueOn,
        DateTimeOffset startedAt
    )
    {
        if (ReceptionOf(priority) is var reception && reception > TimeSpan.Zero)
        {
            yield return Clock(
                deliveryId,
                DeadlineKinds.Reception,
                startedAt,
                time.Add(startedAt, reception)
            );
        }
        if (CompletionOf(dueOn) is { } completion)
        {
            yield return Clock(deliveryId, DeadlineKinds.Completion, startedAt, completion);
        }
    }

    /// <summary>The first reminder: some time before it is due, if that is still to come; else when it is due.</summary>
    public DateTimeOffset FirstReminder(DateTimeOffset now, DateTimeOffset dueAt)
    {
        // Nothing before the end of the day would be the morning of the next.
        if (options.Value.RemindBefore == TimeSpan.Zero)
        {
            return dueAt;
        }
        var before = time.Add(dueAt, -options.Value.RemindBefore);
        return before > now ? before : dueAt;
    }

    private PlannedDeadline Clock(
        Guid deliveryId,
        string kind,
        DateTimeOffset startedAt,
        DateTimeOffset dueAt
    ) => new(deliveryId, kind, startedAt, dueAt, FirstReminder(startedAt, dueAt));

    private TimeSpan ReceptionOf(int priority) =>
        priority switch
        {
            1 => options.Value.Urgent,
            2 => options.Value.VeryUrgent,
            3 or 4 => options.Value.Express,
            _ => TimeSpan.Zero,
        };
}
