namespace Axis.Hub.Notices;

public static class NoticesRegistration
{
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services
            .AddOptions<NoticeOptions>()
            .BindConfiguration(NoticeOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<NoticePreferences>();
        services.AddSingleton<NoticeCollector>();
        services.AddSingleton<NoticeMail>();
        services.AddSingleton<TestMail>();
        services.AddSingleton<DueNotices>();
        services.AddSingleton<NoticeMailing>();
        services.AddSingleton<NoticePushing>();
        services.AddSingleton<NoticeKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<NoticeKeeper>());
        return services;
    }
}
