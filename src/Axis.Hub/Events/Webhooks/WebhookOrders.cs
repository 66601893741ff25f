using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Axis.Hub.Vxp;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events.Webhooks;

/// <summary>Checks what somebody wants of webhooks, and does it; or says what is wrong.</summary>
public sealed class WebhookOrders(
    WebhookStore store,
    EventFeed feed,
    FeedTail tail,
    RegistryCache registry,
    WebhookAddresses addresses,
    SealingKey key,
    IOptions<WebhookOptions> options,
    IOptions<EventOptions> events,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const int MaxTypes = 50;

    private const int DefaultOverlapHours = 24;
    private const int MaxOverlapHours = 7 * 24;

    /// <summary>The webhook with its secret, which is not shown again.</summary>
    public async Task<(WebhookView? View, IReadOnlyList<ErrorItem> Errors)> AddAsync(
        WebhookWish wish,
        string? officeSystemId,
        string by,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<ErrorItem>();
        var url = addresses.Read(wish.Url, errors);
        if (wish.Types is { } types && (types.Count is 0 or > MaxTypes || types.Any(IsNoType)))
        {
            errors.Add(
                Bad("types", null, $"1 to {MaxTypes} event types such as vn.axis.delivery.status")
            );
        }
        Guid? agency = null;
        if (wish.Agency is { } code)
        {
            agency = registry.Current.LastOwnerOf(code)?.Id;
            if (agency is null)
            {
                errors.Add(
                    Bad(
                        "agency",
                        code,
                        new Words(
                            "a code of an agency of the registry",
                            "mã của một cơ quan trong danh mục"
                        )
                    )
                );
            }
        }
        var from = wish.After is null ? tail.Head : PositionOf(wish.After, errors);
        if (!key.IsThere)
        {
            errors.Add(EventErrors.NoKeyFile.At());
        }
        if (errors.Count > 0)
        {
            return (null, errors);
        }
        var (id, secret) = (ids.Next(), WebhookSignature.NewSecret());
        var most = options.Value.MaxPerOwner;
        if (
            !await store.AddAsync(
                (id, officeSystemId, url!, key.Seal(secret, officeSystemId ?? "", id)),
                new FeedFilter(wish.Types, agency),
                from!.Value,
                by,
                most,
                cancellationToken
            )
        )
        {
            return (null, [EventErrors.TooManyWebhooks.At(null, null, most)]);
        }
        var view = await store.FindAsync(officeSystemId, id, cancellationToken);
        return (view! with { Secret = secret }, []);
    }

    public async Task<(WebhookView? View, IReadOnlyList<ErrorItem> Errors)> ResumeAsync(
        string? of,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        if (await store.FindAsync(of, id, cancellationToken) is not { } hook)
        {
            return (null, [NoSuch(id)]);
        }
        if (FeedPosition.Read(hook.Cursor) is { } at && feed.IsTooOld(at))
        {
            return (null, [TooOld(hook.Cursor)]);
        }
        await store.ResumeAsync(of, id, cancellationToken);
        return (await store.FindAsync(of, id, cancellationToken), []);
    }

    public async Task<(WebhookView? View, IReadOnlyList<ErrorItem> Errors)> ReplayAsync(
        string? of,
        Guid id,
        string? after,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<ErrorItem>();
        var from = PositionOf(after ?? "", errors);
        if (errors.Count > 0)
        {
            return (null, errors);
        }
        return await store.ReplayAsync(of, id, from!.Value, cancellationToken)
            ? (await store.FindAsync(of, id, cancellationToken), [])
            : (null, [NoSuch(id)]);
    }

    /// <summary>The webhook with its new secret, which is not shown again; the old one signs too for a while.</summary>
    public async Task<(WebhookView? View, IReadOnlyList<ErrorItem> Errors)> RotateAsync(
        string? of,
        Guid id,
        RotateWish? wish,
        CancellationToken cancellationToken
    )
    {
        var hours = wish?.OverlapHours ?? DefaultOverlapHours;
        if (hours is < 0 or > MaxOverlapHours)
        {
            return (null, [Bad("overlapHours", $"{hours}", Words.Range(0, MaxOverlapHours))]);
        }
        if (!key.IsThere)
        {
            return (null, [EventErrors.NoKeyFile.At()]);
        }
        if (await store.FindAsync(of, id, cancellationToken) is not { } hook)
        {
            return (null, [NoSuch(id)]);
        }
        var secret = WebhookSignature.NewSecret();
        return
            await store.RotateAsync(
                of,
                id,
                key.Seal(secret, hook.OfficeSystem ?? "", id),
                clock.GetUtcNow().AddHours(hours),
                cancellationToken
            ) && await store.FindAsync(of, id, cancellationToken) is { } rotated
            ? (rotated with { Secret = secret }, [])
            : (null, [NoSuch(id)]);
    }

    public async Task<(WebhookView? View, IReadOnlyList<ErrorItem> Errors)> PauseAsync(
        string? of,
        Guid id,
        string by,
        CancellationToken cancellationToken
    ) =>
        await store.PauseAsync(of, id, $"paused by {by}", cancellationToken)
            ? (await store.FindAsync(of, id, cancellationToken), [])
            : (null, [NoSuch(id)]);

    public static ErrorItem NoSuch(Guid id) =>
        RequestErrors.NotFound.At(null, id.ToString(), Words.Webhook);

    private FeedPosition? PositionOf(string text, List<ErrorItem> errors)
    {
        var position = text == FeedQuestion.Latest ? tail.Head : FeedPosition.Read(text);
        if (position is null)
        {
            errors.Add(
                Bad(
                    "after",
                    text,
                    new Words(
                        $"a cursor, 0, or {FeedQuestion.Latest}",
                        $"con trỏ, 0, hoặc {FeedQuestion.Latest}"
                    )
                )
            );
        }
        else if (feed.IsTooOld(position.Value))
        {
            errors.Add(TooOld(text));
        }
        return position;
    }

    private ErrorItem TooOld(string cursor) =>
        EventErrors.CursorTooOld.At("after", cursor, events.Value.KeepDays);

    private static bool IsNoType(string type) =>
        type.Length > 100 || !type.StartsWith("vn.axis.", StringComparison.Ordinal);

    private static ErrorItem Bad(string name, string? value, object expected) =>
        RequestErrors.BadParameter.At(name, value, name, expected);
}
