using Axis.Hub.Access;
using Axis.Hub.Errors;

namespace Axis.Hub.Operations.Doctor;

public static class DoctorRegistration
{
    /// <summary>Register this first: what starts first can keep the rest from starting.</summary>
    public static IServiceCollection AddSafeStart(this IServiceCollection services)
    {
        services.AddSingleton<DatabaseExamination>();
        services.AddHostedService<SafeAtStart>();
        return services;
    }

    public static IServiceCollection AddDoctor(this IServiceCollection services)
    {
        services.AddSingleton<IExamination>(provider =>
            provider.GetRequiredService<DatabaseExamination>()
        );
        services.AddSingleton<IExamination, BrokerExamination>();
        services.AddSingleton<IExamination, ClockExamination>();
        services.AddSingleton<IExamination, PayloadExamination>();
        services.AddSingleton<IExamination, CertificateExamination>();
        services.AddSingleton<DoctorVisit>();
        return services;
    }

    public static void MapDoctor(this IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapGroup("/ops/v1")
            .OnOperationsListener()
            .MapGet(
                "/doctor",
                async (DoctorVisit doctor, CancellationToken cancellationToken) =>
                    Results.Json(await doctor.ExamineAsync(cancellationToken), HubJson.Options)
            )
            .RequireAuthorization(AccessPolicies.Viewer);
}
