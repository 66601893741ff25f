using Axis.Hub;

var app = HubApplication.Build(args);
if (!await Verbs.TryRunAsync(app, args))
{
    await app.RunAsync();
}
