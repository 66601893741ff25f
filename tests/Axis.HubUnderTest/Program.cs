using Axis.Hub;
using Axis.HubUnderTest;
using Microsoft.Extensions.DependencyInjection;

var app = HubApplication.Build(
    args,
    builder =>
    {
        if (DieAt.FromEnvironment() is { } point)
        {
            builder.Services.AddSingleton<ICrashPoints>(point);
        }
        if (SetClock.FromEnvironment() is { } clock)
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
        }
    }
);
if (!await Verbs.TryRunAsync(app, args))
{
    await app.RunAsync();
}
