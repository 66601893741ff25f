using Axis.Hub;
using Microsoft.Extensions.Options;

if (await Verbs.AnswerAsync(args, Console.Out, Console.Error) is { } code)
{
    return code;
}
try
{
    var app = HubApplication.Build(args);
    if (!await Verbs.TryRunAsync(app, args))
    {
        // Before anything runs, so that what is wrong is said once and in words.
        app.Services.GetService<IStartupValidator>()?.Validate();
        await app.RunAsync();
    }
    return Environment.ExitCode;
}
catch (Exception failure) when (StartFailure.InWords(failure) is { } words)
{
    await Console.Error.WriteLineAsync(words);
    return 1;
}
