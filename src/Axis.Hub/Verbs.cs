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
    public static async Task<bool> TryRunAsync(WebApplication app, string[] args)
    {
        if (
            args.FirstOrDefault()
            is not (
                "migrate"
                or ImportVerb.Name
                or DoctorVerb.Name
                or ArchiveVerb.Name
                or TokenKeyVerb.Name
            )
        )
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
        if (args is [ArchiveVerb.Name, "verify", ..])
        {
            Environment.ExitCode = await ArchiveVerb.RunAsync(
                args[1..],
                app.Services,
                Console.Out,
                Console.Error,
                CancellationToken.None
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
}
