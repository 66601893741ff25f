using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Events;
using Axis.Hub.Events.Webhooks;
using Axis.Hub.Registry;
using Axis.Hub.Vxp;

namespace Axis.Hub.Notices;

/// <summary>Tells what is due to the addresses of the clerks, some at a time: one that is silent holds up few others.</summary>
internal sealed class NoticePushing(
    DueNotices notices,
    NoticePreferences preferences,
    WebhookCall call,
    RegistryCache registry,
    SealingKey key,
    TimeProvider clock
)
{
    private const int AtATime = 8;

    public async Task TellDueAsync(CancellationToken cancellationToken)
    {
        var due = await notices.ByPushAsync(cancellationToken);
        if (due.Count == 0)
        {
            return;
        }
        var wishes = (await preferences.ReadAsync(null, cancellationToken)).ToDictionary(one =>
            one.AgencyId
        );
        var calls = new List<(DueMessage Message, Uri Url, string Secret)>();
        var toNobody = new List<Notice>();
        foreach (var message in due)
        {
            if (
                message.First.AgencyId is { } agency
                && wishes.GetValueOrDefault(agency)
                    is { Url: { } url, UrlId: { } urlId, Sealed: { } box }
                && key.Open(box, NoticePreferences.Holder, urlId) is { } secret
            )
            {
                calls.Add((message, new Uri(url), secret));
            }
            else
            {
                toNobody.AddRange(message.Notices);
            }
        }
        await notices.PushedAsync(toNobody, told: true, cancellationToken);
        var ends = clock.GetUtcNow() + DueNotices.Turn;
        await Parallel.ForEachAsync(
            calls,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtATime,
                CancellationToken = cancellationToken,
            },
            async (one, stop) =>
            {
                if (clock.GetUtcNow() < ends)
                {
                    await TellAsync(one.Message, one.Url, one.Secret, stop);
                }
            }
        );
    }

    private async Task TellAsync(
        DueMessage message,
        Uri url,
        string secret,
        CancellationToken cancellationToken
    )
    {
        var body = JsonSerializer.Serialize(
            new
            {
                type = $"vn.axis.notice.{message.First.Kind}",
                agency = registry.Current.AgencyById(message.First.AgencyId!.Value)?.PrimaryCode,
                message.Text.Subject,
                text = message.Text.Body,
                items = message.Notices.Select(one => one.Detail),
            },
            HubJson.Options
        );
        var outcome = await call.SendAsync(
            url,
            [secret],
            new FeedItem(FeedPosition.Start, message.First.Id, body),
            cancellationToken
        );
        await notices.PushedAsync(message.Notices, outcome.Error is null, cancellationToken);
    }
}
