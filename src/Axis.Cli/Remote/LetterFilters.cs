using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary>The options by which letters are found, the same for office systems and operators.</summary>
internal sealed class LetterFilters
{
    private readonly Option<string?> _subject = Text(
        "--subject",
        "WORDS",
        "Words of the subject, with or without accents."
    );
    private readonly Option<string?> _sender = Text(
        "--from-agency",
        "CODE",
        "Sent by this agency."
    );
    private readonly Option<string?> _recipient = Text(
        "--to-agency",
        "CODE",
        "Sent to this agency."
    );
    private readonly Option<string?> _number = Text(
        "--number",
        "15/UBND-VP",
        "Number and notation."
    );
    private readonly Option<string?> _state = Text(
        "--state",
        "STAGE",
        "Where it stands at one recipient at least, such as processing, done or refused."
    );
    private readonly Option<DateOnly?> _from = new("--since")
    {
        Description = "Received by the hub on this day or later (yyyy-MM-dd).",
        HelpName = "DAY",
    };
    private readonly Option<DateOnly?> _to = new("--until")
    {
        Description = "Received by the hub on this day or before.",
        HelpName = "DAY",
    };
    private readonly Option<Guid?> _before = new("--before")
    {
        Description = "The next page, as the page before names it.",
        HelpName = "ID",
    };
    private readonly Option<int> _limit = new("--limit")
    {
        Description = "At most so many, 1 to 100.",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
    };

    public LetterFilters AddTo(Command command)
    {
        foreach (
            var option in (Option[])
                [_subject, _number, _sender, _recipient, _state, _from, _to, _before, _limit]
        )
        {
            command.Add(option);
        }

        return this;
    }

    public LetterQuery Read(ParseResult parsed, string? direction = null) =>
        new()
        {
            Subject = parsed.GetValue(_subject),
            Number = parsed.GetValue(_number),
            Sender = parsed.GetValue(_sender),
            Recipient = parsed.GetValue(_recipient),
            State = parsed.GetValue(_state),
            From = parsed.GetValue(_from),
            To = parsed.GetValue(_to),
            Before = parsed.GetValue(_before),
            Limit = parsed.GetValue(_limit),
            Direction = direction,
        };

    public static int Print(LetterPage page)
    {
        if (page.Items.Count == 0)
        {
            Console.WriteLine("No such letter.");
            return ExitCodes.Refused;
        }

        var table = Format.Table(
            "Received",
            "Number",
            "Subject",
            "From",
            "Due",
            "Signature",
            "To",
            "Where they stand",
            "Document id"
        );
        foreach (var letter in page.Items)
        {
            table.Row(
                Format.Time(letter.ReceivedAt),
                $"{letter.CodeNumber}/{letter.CodeNotation}",
                letter.Subject,
                $"{letter.Sender} {letter.SenderName}",
                letter.DueOn is { } due ? $"{due:dd/MM/yyyy}" : "",
                letter.Signature,
                $"{letter.Recipients}",
                string.Join(", ", letter.Stages.Select(stage => $"{stage.Value} {stage.Key}")),
                letter.DocumentId
            );
        }

        Format.Write(table);
        if (page.Next is { } next)
        {
            Console.WriteLine($"More: --before {next}");
        }

        return ExitCodes.Ok;
    }

    private static Option<string?> Text(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };
}
