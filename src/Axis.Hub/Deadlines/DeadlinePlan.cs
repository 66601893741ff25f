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
        var reception = ReceptionOf(Priorities.Of(header));
        var completion = CompletionOf(header.DueDate?.Date);
        foreach (var delivery in letter.Deliveries)
        {
            if (delivery.About is not null)
            {
                continue;
            }
            if (reception > TimeSpan.Zero)
            {
                yield return Clock(
                    delivery.Id,
                    DeadlineKinds.Reception,
                    letter.ReceivedAt,
                    time.Add(letter.ReceivedAt, reception)
                );
            }
            if (completion is { } at)
            {
                yield return Clock(delivery.Id, DeadlineKinds.Completion, letter.ReceivedAt, at);
            }
        }
    }

    /// <summary>When a letter is due that names a day; null for a day that nobody can mean.</summary>
    public DateTimeOffset? CompletionOf(DateOnly? day) =>
        day is { Year: >= 2000 and <= 2200 } due ? time.EndOf(due) : null;

    /// <summary>The first reminder: some time before it is due, if that is still to come; else when it is due.</summary>
    public DateTimeOffset FirstReminder(DateTimeOffset now, DateTimeOffset dueAt)
    {
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
