using System.CommandLine;
using System.Security.Cryptography;
using Axis.Chaos;

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
var border = new Option<bool>("--border")
{
    Description = "Across the border instead: a simulated national axis, and the line to it",
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
    border,
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
        return arguments.GetValue(border)
            ? await Runs.BorderAsync(plan, report, cancellation)
            : await Runs.InsideAsync(plan, arguments.GetValue(cluster), report, cancellation);
    }
);
return await root.Parse(args).InvokeAsync();
