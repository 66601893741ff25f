using Axis.Hub.Broker;
using Axis.Hub.Intake.Uploads;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake;

public static class IntakeRegistration
{
    public static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services
            .AddOptions<IntakeOptions>()
            .BindConfiguration(IntakeOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<SubmissionChecks>();
        services.AddSingleton<AcceptanceWriter>();
        services.AddSingleton<Acts.ActWriter>();
        services.AddSingleton<SubmitPackage>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton<ResumableFiles>();
        services.AddSingleton<ReceivePiece>();
        services.AddSingleton<FinishUpload>();
        services.AddSingleton(provider =>
        {
            var writer = provider.GetRequiredService<AcceptanceWriter>();
            return new GroupCommit<DocumentAcceptance, Acceptance>(
                LimitsOf(provider),
                // A letter to thousands of recipients is mostly rows: the receipt grows with them.
                document => (document.InlineBytes?.Length ?? 0) + document.ReceiptJson.Length,
                writer.WriteAsync
            );
        });
        services.AddHostedService(provider =>
            provider.GetRequiredService<GroupCommit<DocumentAcceptance, Acceptance>>()
        );
        services.AddSingleton(provider =>
        {
            var writer = provider.GetRequiredService<StatusWriter>();
            return new GroupCommit<StatusAcceptance, StatusOutcome>(
                LimitsOf(provider),
                report => report.Bytes.Length,
                writer.WriteAsync
            );
        });
        services.AddHostedService(provider =>
            provider.GetRequiredService<GroupCommit<StatusAcceptance, StatusOutcome>>()
        );
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<Answers>(
                provider,
                provider.GetRequiredService<ConfirmedPublisher>(),
                ActivatorUtilities.CreateInstance<ConfirmedPublisher>(
                    provider,
                    provider.GetRequiredService<TrialConnection>()
                )
            )
        );
        services.AddHostedService<SubmissionQueue>();
        services.AddHostedService<UploadKeeper>();
        // After the writer of statuses, which it hands its reports to: it stops before it.
        services.AddHostedService<ArrivalReports>();
        return services;
    }

    private static GroupCommitLimits LimitsOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<IntakeOptions>>().Value;
        return new GroupCommitLimits(
            options.MaxWaiting,
            options.BatchPackages,
            options.BatchBytes,
            Writers: 2
        );
    }
}
