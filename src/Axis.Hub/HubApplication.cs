using Axis.Hub.Access;
using Axis.Hub.Access.Limits;
using Axis.Hub.Broker;
using Axis.Hub.Deadlines;
using Axis.Hub.Delivery;
using Axis.Hub.Delivery.Replays;
using Axis.Hub.Errors;
using Axis.Hub.Events;
using Axis.Hub.Events.Webhooks;
using Axis.Hub.Intake;
using Axis.Hub.Intake.Uploads;
using Axis.Hub.Letters;
using Axis.Hub.National;
using Axis.Hub.National.Catalogue;
using Axis.Hub.Notices;
using Axis.Hub.Operations;
using Axis.Hub.Operations.Doctor;
using Axis.Hub.Registry;
using Axis.Hub.Reports;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.Hub.Trust;
using Axis.Hub.Vxp;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axis.Hub;

/// <summary>The hub put together: a table of contents. Services start in this order and stop in reverse.</summary>
public static class HubApplication
{
    /// <param name="adjust">What a test replaces: settings, the clock, the crash points.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        adjust?.Invoke(builder);
        builder.AddListeners();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<ICrashPoints, NoCrashPoints>();
        builder.Services.AddExceptionHandler<UnhandledProblem>();
        // Else a body that is not the JSON of the contract is refused with its status alone, and nobody knows where.
        builder.Services.Configure<RouteHandlerOptions>(options =>
            options.ThrowOnBadRequest = true
        );

        builder.Services.AddStorage();
        builder.Services.AddRegistry(builder.Configuration);
        builder.Services.AddAccess(builder.Configuration);
        builder.Services.AddTrust();
        builder.Services.AddBroker();
        builder.Services.AddEvents();
        builder.Services.AddDelivery();
        builder.Services.AddStatuses();
        builder.Services.AddLetters();
        builder.Services.AddDeadlines();
        builder.Services.AddReports();
        builder.Services.AddIntake();
        builder.Services.AddVxp();
        builder.Services.AddNational();
        builder.Services.AddNotices();
        builder.Services.AddOperations(builder.Configuration);
        builder.Services.AddDoctor();

        var app = builder.Build();
        // The caller's own address, where a known reverse proxy names it.
        app.UseForwardedHeaders();
        app.RefuseAmbiguousRequests();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(Problem.WriteAsync);
        app.UseMiddleware<VxpEdge>();
        app.UseRouting();
        app.UseOperationsListener();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRequestLimits();
        app.UseLastSeen();

        app.MapContracts();
        app.MapAccess();
        app.MapJwks();
        app.MapSubmit();
        app.MapUploads();
        app.MapTracking();
        app.MapLetters();
        app.MapDeadlines();
        app.MapMonthReports();
        app.MapInbox();
        app.MapEvents();
        app.MapFeed();
        app.MapWebhooks();
        app.MapNotices();
        app.MapReports();
        app.MapVxp();
        app.MapNational();
        app.MapNationalCatalogue();
        app.MapLgsp();
        app.MapReplays();
        app.MapDoctor();
        app.MapPing();
        app.MapPolicies();
        app.MapCertificates();
        app.MapOperations();
        app.MapRegistry();
        return app;
    }
}
