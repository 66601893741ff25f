using System.CommandLine;
using System.Security.Cryptography;
using Axis.Chaos;
using Axis.Chaos.Stands;

var minutes = new Option<double>("--minutes")
{
    Description = "How long faults strike",
    DefaultValueFactory = _ => 3,
};
var seed = new Option<int?>("--seed")
{
    Description = "Repeats the sequence of faults of an earlier run",
};
var rate = new Option<double>("--rate")
{
    Description =
        "Letters a second; each brings about eight more packages and acknowledgements with it",
    DefaultValueFactory = _ => 8,
};
var json = new Option<FileInfo?>("--json")
{
    Description = "Append faults, recoveries and the verdict as JSON lines to this file",
};
var cluster = new Option<bool>("--cluster")
{
    Description = "Three brokers, a database with a synchronous standby, two hubs",
};
var root = new RootCommand(
    "The ledger test: office systems keep their own books while everything that can die does. 0: the ledgers agree."
)
{
    minutes,
    seed,
    rate,
    json,
    cluster,
};
root.SetAction(
    async (arguments, cancellation) =>
    {
        await using var lines = arguments.GetValue(json) is { } file
            ? new StreamWriter(file.FullName, append: true)
            : null;
        var report = new TextReport(Console.Out, lines);
        var plan = new ChaosPlan(
            TimeSpan.FromMinutes(arguments.GetValue(minutes)),
            arguments.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1, 1_000_000),
            arguments.GetValue(rate),
            Patience: TimeSpan.FromMinutes(10)
        );
        var progress = new Progress<string>(report.Say);
        await using IStand stand = arguments.GetValue(cluster)
            ? await ClusterStand.StartAsync(progress, cancellation)
            : await SingleStand.StartAsync(progress, cancellation);
        foreach (var words in stand.LeftOut)
        {
            report.Say("Left out: " + words + ".");
        }
        report.Say(
            $"seed {plan.Seed}, {plan.Length.TotalMinutes:0.#} minutes, {plan.LettersASecond:0.#} letters a second"
        );
        var result = await new ChaosRun(stand, plan, report).RunAsync(cancellation);
        report.Summary(result, plan);
        if (!result.IsClean)
        {
            report.Say(stand.Logs);
        }
        return result.IsClean ? 0 : 1;
    }
);
return await root.Parse(args).InvokeAsync();
