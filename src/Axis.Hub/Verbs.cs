using Axis.Hub.Access;
using Axis.Hub.Operations.Doctor;
using Axis.Hub.Registry.Import;
using Axis.Hub.Storage;
using Axis.Hub.Storage.Archive;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub;

/// <summary>What the hub's program does beside running: <c>migrate</c>, <c>import</c> of a province, <c>doctor</c>, <c>archive</c>, <c>token-key</c>.</summary>
public static class Verbs
{
    private const string Migrate = "migrate";

    private const string Usage = """
        usage: Axis.Hub                  run the hub
               Axis.Hub migrate          bring the database up to date
               Axis.Hub import …         load or change a province, register certificates
               Axis.Hub doctor [--json]  look at everything that must be right for nothing to be lost
               Axis.Hub archive …        months in archives
               Axis.Hub token-key …      exchange the key that signs access tokens

        The settings are environment variables such as Storage__ConnectionString (docs/operations.md). A verb with
        nothing behind it says what it takes; archive verify needs no settings.
        """;

    /// <summary>Answers what needs no settings: questions for help, words that are no verb, an archive to be checked.</summary>
    /// <returns>The exit code; null when there is more to do.</returns>
    public static async Task<int?> AnswerAsync(string[] args, TextWriter output, TextWriter error)
    {
        switch (args)
        {
            case ["-h" or "-?" or "--help" or "help", ..]:
                await output.WriteLineAsync(Usage);
                return 0;
            case [ImportVerb.Name] or [ImportVerb.Name, "-h" or "--help", ..]:
                await error.WriteLineAsync(ImportVerb.Usage);
                return 2;
            case [ArchiveVerb.Name] or [ArchiveVerb.Name, "-h" or "--help", ..]:
                await error.WriteLineAsync(ArchiveVerb.Usage);
                return 2;
            case [ArchiveVerb.Name, "verify", var folder]:
                return await ArchiveVerb.VerifyAsync(folder, output, error, CancellationToken.None);
            // A setting may stand on the command line too, as --Section:Key=value or Section:Key=value.
            case [var word, ..]
                when !IsVerb(word)
                    && !word.StartsWith('-')
                    && !word.StartsWith('/')
                    && !word.Contains('='):
                await error.WriteLineAsync($"There is no verb {word}.\n{Usage}");
                return 2;
            default:
                return null;
        }
    }

    public static async Task<bool> TryRunAsync(WebApplication app, string[] args)
    {
        if (args is not [var verb, ..] || !IsVerb(verb))
        {
            return false;
        }
        if (args[0] == TokenKeyVerb.Name)
        {
            Environment.ExitCode = TokenKeyVerb.Run(
                args[1..],
                app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.SigningKeyFile,
                Console.Out,
                Console.Error
            );
            return true;
        }
        if (args[0] == DoctorVerb.Name)
        {
            Environment.ExitCode = await DoctorVerb.RunAsync(
                args[1..],
                app.Services.GetRequiredService<DoctorVisit>(),
                Console.Out,
                CancellationToken.None
            );
            return true;
        }
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
        if (args[0] == ArchiveVerb.Name)
        {
            Environment.ExitCode = await ArchiveVerb.RunAsync(
                args[1..],
                app.Services,
                Console.Out,
                Console.Error,
                CancellationToken.None
            );
        }
        if (args[0] == ImportVerb.Name)
        {
            Environment.ExitCode = await ImportVerb.RunAsync(
                args[1..],
                app.Services.GetRequiredService<NpgsqlDataSource>(),
                app.Services.GetRequiredService<TimeProvider>(),
                Console.Out,
                Console.Error,
                CancellationToken.None
            );
        }
        return true;
    }

    private static bool IsVerb(string word) =>
        word
            is Migrate
                or ImportVerb.Name
                or DoctorVerb.Name
                or ArchiveVerb.Name
                or TokenKeyVerb.Name;
}
