using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using RabbitMQ.Client.Exceptions;

namespace Axis.Cli.Demo;

/// <summary><c>demo</c>: a morning of a province, on the running hub or on one started for it.</summary>
internal static class DemoCommand
{
    public static Command Build()
    {
        var command = new Command(
            "demo",
            "Play a morning of the demo province over HTTP and AMQP; exit code 0 only if everything arrived, byte for byte."
        )
        {
            UpCommand.Data,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var workspace = Workspace.Find();
                var folder = UpCommand.FolderOf(parsed, workspace);
                await using var hub = await LocalHub.StartAsync(
                    new LocalHubOptions(workspace, folder, HttpPort: 0, Detached: false),
                    new ProgressWords(),
                    cancellation
                );
                try
                {
                    return await RunAsync(workspace, folder, hub.State, cancellation);
                }
                catch (BrokerUnreachableException e)
                {
                    throw new CommandFailure(
                        ExitCodes.Unreachable,
                        $"The broker at {hub.State.Broker} is out of reach: {e.InnerException?.Message ?? e.Message}"
                    );
                }
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Workspace workspace,
        DataFolder folder,
        HubState hub,
        CancellationToken cancellation
    )
    {
        var credentials = await DemoCredentials.ReadAsync(folder, cancellation);
        var plan = new MorningPlan(DemoAgency.ReadAll(workspace.DemoProvince), credentials);
        var board = new Board(plan);
        var desks = new Dictionary<string, OfficeDesk>(StringComparer.Ordinal);
        try
        {
            foreach (var system in credentials.OfficeSystems)
            {
                desks.Add(system.Id, await OfficeDesk.OpenAsync(system, hub, cancellation));
            }

            var morning = new Morning(plan, desks, folder.DemoKeys, board.Say);
            await board.ShowAsync(() => morning.PlayAsync(cancellation));
            await Verdict.JudgeAsync(plan, desks, cancellation);
        }
        finally
        {
            foreach (var desk in desks.Values)
            {
                await desk.DisposeAsync();
            }
        }

        return Conclude(plan);
    }

    private static int Conclude(MorningPlan plan)
    {
        var complaints = plan
            .All.SelectMany(letter =>
                letter.Complaints.Select(what => $"  {letter.Number}/{letter.Notation} {what}")
            )
            .ToList();
        if (complaints.Count > 0)
        {
            Console.Error.WriteLine(
                $"Not everything went as it should:\n{string.Join('\n', complaints)}"
            );
            return ExitCodes.Refused;
        }

        var accepted = plan.All.Where(letter => !letter.Broken).ToList();
        var deliveries = accepted.SelectMany(letter => letter.To).ToList();
        Console.WriteLine(
            $"{accepted.Count} packages made {deliveries.Count} deliveries: "
                + $"{deliveries.Count(to => !to.IsHeld)} collected with the bytes that were sent, "
                + $"{deliveries.Count(to => to.IsHeld && to.EndsAs is null)} held for the national axis. "
                + $"{deliveries.Sum(to => to.Told.Count)} statuses came back, byte for byte. "
                + string.Join(
                    ", ",
                    deliveries
                        .Where(to => to.EndsAs is not null)
                        .GroupBy(to => to.EndsAs)
                        .Select(group => $"{group.Count()} {group.Key}")
                )
                + " by recall, update or replacement. "
                + "1 package with a broken signature was refused."
        );
        return ExitCodes.Ok;
    }
}
