using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary><c>check FILE...</c>: what a hub or the standard would object to.</summary>
internal static class CheckCommand
{
    public static Command Build()
    {
        var paths = new Argument<FileSystemInfo[]>("file")
        {
            Description = "edXML files, or folders: every *.edxml in them and below.",
            HelpName = "FILE",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = PackageFile.Json();
        var profile = Profile();
        var command = new Command(
            "check",
            "Check edXML files; exit code 1 when one of them has errors."
        )
        {
            paths,
            json,
            profile,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var given = parsed.GetValue(paths)!;
                var files = PackageFiles.Find(given);
                return given is [FileInfo] && files is [var only]
                    ? OneAsync(only, parsed.GetValue(profile), parsed.GetValue(json), cancellation)
                    : ManyAsync(
                        files,
                        parsed.GetValue(profile),
                        parsed.GetValue(json),
                        cancellation
                    );
            }
        );
        return command;
    }

    public static Option<RuleProfile> Profile() =>
        new("--profile")
        {
            Description =
                "tolerant: what can be read at all; axis: what the hub insists on; strict: the standard of 2022.",
            DefaultValueFactory = _ => RuleProfile.Axis,
        };

    private static async Task<int> OneAsync(
        FileInfo file,
        RuleProfile profile,
        bool json,
        CancellationToken cancellation
    )
    {
        var result = await CheckedFile.CheckAsync(file, file.Name, profile, cancellation);
        if (json)
        {
            JsonOutput.Print(result);
        }
        else
        {
            result.Print(Console.Out);
            var errors = result.Count(Severity.Error);
            Console.WriteLine(
                errors == 0 ? "No errors." : $"{CheckedFile.Count(errors, "error")}."
            );
        }

        return result.Ok ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static async Task<int> ManyAsync(
        IReadOnlyList<FileInfo> files,
        RuleProfile profile,
        bool json,
        CancellationToken cancellation
    )
    {
        var results = await CheckProgress.ShowAsync(
            files.Count,
            done => CheckAllAsync(files, profile, done, cancellation)
        );
        var summary = CheckSummary.Of(results);
        if (json)
        {
            JsonOutput.Print(new { files = results, summary });
        }
        else
        {
            // Files about which there is nothing to say are only counted.
            foreach (var result in results.Where(one => !one.Ok || one.Findings.Count > 0))
            {
                result.Print(Console.Out);
            }

            summary.Print(Console.Out);
        }

        return results.All(result => result.Ok) ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static async Task<CheckedFile[]> CheckAllAsync(
        IReadOnlyList<FileInfo> files,
        RuleProfile profile,
        Action done,
        CancellationToken cancellation
    )
    {
        var results = new CheckedFile[files.Count];
        await Parallel.ForAsync(
            0,
            files.Count,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Environment.ProcessorCount,
                CancellationToken = cancellation,
            },
            async (i, token) =>
            {
                var name = Path.GetRelativePath(Environment.CurrentDirectory, files[i].FullName);
                results[i] = await CheckOneAsync(files[i], name, profile, token);
                done();
            }
        );
        return results;
    }

    /// <summary>One file that cannot be read must not hide what is wrong with the others.</summary>
    private static async Task<CheckedFile> CheckOneAsync(
        FileInfo file,
        string name,
        RuleProfile profile,
        CancellationToken cancellation
    )
    {
        try
        {
            return await CheckedFile.CheckAsync(file, name, profile, cancellation);
        }
        catch (Exception e) when (e is CommandFailure or IOException)
        {
            return new CheckedFile
            {
                File = name,
                Ok = false,
                Unreadable = e.Message,
            };
        }
    }
}
