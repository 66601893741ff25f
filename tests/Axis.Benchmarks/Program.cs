using System.CommandLine;
using Axis.Benchmarks;

var name = new Argument<string?>("name")
{
    Description = "Which benchmark; all of them without it",
    Arity = ArgumentArity.ZeroOrOne,
};
var size = new Argument<int?>("size")
{
    Description =
        "How large, for the benchmarks that can be made larger, such as tracking 10000000",
    Arity = ArgumentArity.ZeroOrOne,
};
var json = new Option<FileInfo?>("--json")
{
    Description = "Append the results as JSON lines to this file",
};
var list = new Option<bool>("--list") { Description = "Say which benchmarks there are" };
var root = new RootCommand(
    "Measures Axis on this machine, each figure beside the floor of the same writes"
)
{
    name,
    size,
    json,
    list,
    SyntheticMonthCommand.Build(),
};
root.SetAction(
    async (arguments, cancellationToken) =>
    {
        var chosen = arguments.GetValue(name);
        if (arguments.GetValue(list))
        {
            foreach (var benchmark in Catalogue.All)
            {
                Console.WriteLine($"{benchmark.Name, -10} {benchmark.What}");
            }
            return 0;
        }
        var benchmarks = Catalogue
            .All.Where(benchmark => chosen is null || benchmark.Name == chosen)
            .ToArray();
        if (benchmarks.Length == 0)
        {
            await Console.Error.WriteLineAsync(
                $"There is no benchmark {chosen}; there are: {string.Join(", ", Catalogue.All.Select(one => one.Name))}"
            );
            return 2;
        }
        foreach (var benchmark in benchmarks)
        {
            foreach (
                var figure in await (
                    arguments.GetValue(size) is { } given && benchmark.SizedAsync is { } sized
                        ? sized(given, cancellationToken)
                        : benchmark.RunAsync(cancellationToken)
                )
            )
            {
                Console.WriteLine(figure);
                if (arguments.GetValue(json) is { } file)
                {
                    await File.AppendAllTextAsync(
                        file.FullName,
                        figure.ToJson() + "\n",
                        cancellationToken
                    );
                }
            }
        }
        return 0;
    }
);
return await root.Parse(args).InvokeAsync();
