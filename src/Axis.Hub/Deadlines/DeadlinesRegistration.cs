using Microsoft.Extensions.Options;

namespace Axis.Hub.Deadlines;

public static class DeadlinesRegistration
{
    public static IServiceCollection AddDeadlines(this IServiceCollection services)
    {
        services
            .AddOptions<WorkingTimeOptions>()
            .BindConfiguration(WorkingTimeOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<DeadlineOptions>()
            .BindConfiguration(DeadlineOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider =>
            provider.GetRequiredService<IOptions<WorkingTimeOptions>>().Value.Make()
        );
        services.AddSingleton<DeadlinePlan>();
        services.AddSingleton<DeadlineMoves>();
        services.AddSingleton<DeadlineList>();
        services.AddSingleton<FollowUp>();
        services.AddSingleton<Extensions>();
        services.AddSingleton<DeadlineClock>();
        services.AddHostedService(provider => provider.GetRequiredService<DeadlineClock>());
        return services;
    }
}
