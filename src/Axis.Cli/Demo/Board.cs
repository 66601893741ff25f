using Axis.Cli.Terminal;
using Axis.EdXml;
using Spectre.Console;

namespace Axis.Cli.Demo;

/// <summary>The table of the morning: live on a terminal, lines and a last table elsewhere.</summary>
internal sealed class Board(MorningPlan plan)
{
    /// <summary>Recipients shown by name; more are counted.</summary>
    private const int NamedRecipients = 4;

    private static readonly bool IsLive =
        AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    private readonly Lock _gate = new();

    public void Say(string line)
    {
        if (IsLive)
        {
            return;
        }

        lock (_gate)
        {
            Console.WriteLine($"{Format.Clock(Format.Now)}  {line}");
        }
    }

    /// <summary>Shows the table while <paramref name="play"/> runs, and its last state.</summary>
    public async Task ShowAsync(Func<Task> play)
    {
        if (!IsLive)
        {
            await play();
            Console.WriteLine();
            Format.Write(Render());
            return;
        }

        await AnsiConsole
            .Live(Render())
            .StartAsync(async context =>
            {
                var playing = play();
                while (!playing.IsCompleted)
                {
                    context.UpdateTarget(Render());
                    await Task.WhenAny(playing, Task.Delay(200));
                }

                context.UpdateTarget(Render());
                await playing;
            });
    }

    private Table Render()
    {
        var table = Format.Table("Document", "From", "To", "Statuses, as the sender learned them");
        foreach (var letter in plan.All)
        {
            lock (letter.Gate)
            {
                if (letter.Sha256.Length > 0)
                {
                    AddRow(table, letter);
                }
            }
        }

        return table;
    }

    private static void AddRow(Table table, Letter letter)
    {
        var document = string.Join(
            ' ',
            new[]
            {
                $"{letter.Number}/{letter.Notation}\n{Kind(letter)}, {Format.Size(letter.Size)}, {letter.Door}",
                letter.Signed ? null : "unsigned",
                letter.AcceptedAt is { } at ? $"\naccepted {Format.Clock(at)}" : null,
                letter.Refusal is { } refusal ? $"\nrefused {refusal}" : null,
            }.Where(part => part is not null)
        );
        var named = letter.To.Count <= NamedRecipients;
        table.Row(
            document,
            letter.From.Code,
            named
                ? string.Join('\n', letter.To.Select(to => to.Code))
                : $"{letter.To.Count} agencies\n{letter.To.Count(to => to.HasArrived)} arrived",
            named ? string.Join('\n', letter.To.Select(to => Statuses(letter, to))) : Counts(letter)
        );
    }

    private static string Kind(Letter letter) =>
        letter switch
        {
            { Business: BusinessType.Recall } => "recall",
            { Business: BusinessType.Update } => "update",
            { Business: BusinessType.Replace } => "replacement",
            { Priority: > 0 } => "urgent",
            { Attachments.Count: > 0 } => $"{letter.Attachments.Count} attachments",
            _ => "letter",
        };

    private static string Statuses(Letter letter, Addressee to) =>
        to switch
        {
            { IsHeld: true, EndsAs: not null, DeliveryId: not null } => "held, then withdrawn",
            { IsHeld: true, DeliveryId: not null } => "waiting for the national gateway",
            { IsLeft: true, Heard.Count: 0 } => "lies in the inbox",
            { IsLeft: true } => "withdrawn from the inbox",
            { IsReached: true, Told.Count: 0 } => "goes over the national axis",
            { IsReached: false, Identical: null } => letter.Broken ? "" : "on its way",
            { Told.Count: 0 } => "arrived",
            _ => string.Join("  ", to.Told.Select(news => $"{news.Code} {Format.Clock(news.At)}")),
        };

    private static string Counts(Letter letter) =>
        string.Join(
            '\n',
            letter
                .To.SelectMany(to => to.Told)
                .GroupBy(news => news.Code)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group =>
                    $"{group.Key} ×{group.Count()}  last {Format.Clock(group.Max(news => news.At))}"
                )
        );
}
