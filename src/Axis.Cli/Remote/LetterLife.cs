using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary>A letter as text: what it is, and where it stands with each recipient.</summary>
internal static class LetterLife
{
    /// <param name="forOperators">Say of each recipient whose inbox it is, and how the hub fares with it.</param>
    public static void Print(PackageView package, bool forOperators = false)
    {
        Console.WriteLine($"{package.CodeNumber}/{package.CodeNotation}  {package.Subject}");
        Console.WriteLine($"  document id  {package.DocumentId}");
        Console.WriteLine(
            $"  package      {package.PackageId}, {package.Business}, {Format.Size(package.Size)}"
        );
        Console.WriteLine($"  from         {package.Sender} {package.SenderName}");
        Console.WriteLine(
            $"  received     {Format.Time(package.ReceivedAt)}, signature {package.Signature}, documents {package.DocumentVerdict}"
        );
        foreach (var link in package.Links)
        {
            Console.WriteLine($"  {link.Relation, -12} {link.DocumentId}");
        }

        var table = Format.Table("Recipient", "Stands at", "Asked", "Last status", "History");
        foreach (var delivery in package.Deliveries)
        {
            table.Row(
                $"{delivery.Recipient}\n{delivery.AgencyName}"
                    + (forOperators ? $"\n{Inbox(delivery)}" : ""),
                delivery.LastError is null
                    ? delivery.Stage
                    : $"{delivery.Stage}: {delivery.LastError}",
                Question(delivery),
                delivery.Status is null
                    ? ""
                    : $"{delivery.Status} {Format.StatusName(delivery.Status)}",
                string.Join('\n', delivery.History.Select(Line))
            );
        }

        Format.Write(table);
    }

    public static string Line(HistoryEntry entry) =>
        string.Join(
            ' ',
            (
                (string?[])
                    [
                        Format.Time(entry.At),
                        entry.What,
                        entry.Status,
                        Format.StatusName(entry.Status),
                        entry.Outcome,
                        entry.Detail,
                    ]
            ).Where(word => !string.IsNullOrEmpty(word))
        );

    /// <summary>The stage; where a question hides it, the question is the stage.</summary>
    public static string Standing(DeliveryView delivery) =>
        Question(delivery) is { Length: > 0 } question
            ? $"{delivery.Stage}; {question}"
            : delivery.Stage;

    private static string Question(DeliveryView delivery) =>
        delivery.Dialogues.LastOrDefault(one => one.State == "asked") is not { } open
            ? ""
            : $"{open.Kind} since {Format.Time(open.AskedAt)}"
                + (string.IsNullOrEmpty(open.Reason) ? "" : $": {open.Reason}");

    private static string Inbox(DeliveryView delivery) =>
        $"{delivery.OfficeSystem ?? delivery.Route}: {delivery.State}"
        + (
            delivery.NextAttemptAt is { } next
                ? $", {delivery.Attempts} tries, next {Format.Time(next)}"
                : ""
        );
}
