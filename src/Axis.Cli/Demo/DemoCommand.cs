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
            UpCommand.WithNationalSim,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var workspace = Workspace.Find();
                var folder = UpCommand.FolderOf(parsed, workspace);
                await using var hub = await LocalHub.StartAsync(
                    new LocalHubOptions(
                        workspace,
                        folder,
                        HttpPort: 0,
                        Detached: false,
                        parsed.GetValue(UpCommand.WithNationalSim)
                    ),
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
        using var country = RestOfTheCountry.Of(folder, hub);
        var plan = new MorningPlan(
            DemoAgency.ReadAll(workspace.DemoProvince),
            credentials,
            country is not null
        );
        var board = new Board(plan);
        Incoming? incoming = null;
        var desks = new Dictionary<string, OfficeDesk>(StringComparer.Ordinal);
        try
        {
            foreach (var system in credentials.OfficeSystems)
            {
                desks.Add(system.Id, await OfficeDesk.OpenAsync(system, hub, cancellation));
            }

            var morning = new Morning(plan, desks, folder.DemoKeys, board.Say, country);
            await board.ShowAsync(() => morning.PlayAsync(cancellation));
            await Verdict.JudgeAsync(plan, desks, country, cancellation);
            if (country is not null && morning.Incoming is { } letter)
            {
                await country.JudgeAsync(letter, cancellation);
                incoming = letter;
            }
        }
        finally
        {
            foreach (var desk in desks.Values)
            {
                await desk.DisposeAsync();
            }
        }

        return Conclude(plan, incoming);
    }

    private static int Conclude(MorningPlan plan, Incoming? incoming)
    {
        var complaints = plan
            .All.SelectMany(letter =>
                letter.Complaints.Select(what => $"  {letter.Number}/{letter.Notation} {what}")
            )
            .Concat(incoming?.Complaints.Select(what => $"  {incoming.Number} {what}") ?? [])
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
                + $"{deliveries.Count(to => to.Identical is true)} collected with the bytes that were sent, "
                + $"{deliveries.Count(to => to.IsLeft)} withdrawn from an inbox before it was taken, "
                + (
                    incoming is null
                        ? $"{deliveries.Count(to => to.IsHeld && to.EndsAs is null)} held for the national axis. "
                        : $"{deliveries.Count(to => to.IsReached)} taken by the national axis, once each. "
                )
                + $"{deliveries.Sum(to => to.Told.Count)} statuses came back"
                + (incoming is null ? ", byte for byte. " : ". ")
                + (
                    incoming is null
                        ? ""
                        : $"A letter of another province reached {incoming.To.Count} agencies, and {incoming.To.Sum(to => to.Reports.Count)} statuses went out. "
                )
                + string.Join(
                    ", ",
                    deliveries
                        .Where(to => to.EndsAs is not null)
                        .GroupBy(to => to.EndsAs)
                        .Select(group => $"{group.Count()} {group.Key}")
                )
                + " by recall, update or replacement, "
                + $"and the recipients heard of it {deliveries.Sum(to => to.Hears.Count)} times. "
                + "1 package with a broken signature was refused."
        );
        return ExitCodes.Ok;
    }
}
