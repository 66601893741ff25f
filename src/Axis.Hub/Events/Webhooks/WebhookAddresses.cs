using System.Net;
using Axis.Hub.Errors;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Events.Webhooks;

/// <summary>Reads the address that somebody wants the hub to call.</summary>
public sealed class WebhookAddresses(AddressGuard guard, IOptions<WebhookOptions> options)
{
    private const int MaxUrl = 2048;

    /// <summary>Null when it is not one; what is wrong is added to the errors.</summary>
    public Uri? Read(string? text, List<ErrorItem> errors)
    {
        if (
            text is not { Length: > 0 and <= MaxUrl }
            || !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || !(
                url.Scheme == Uri.UriSchemeHttps
                || (options.Value.AllowHttp && url.Scheme == Uri.UriSchemeHttp)
            )
            || url.UserInfo.Length > 0
            || url.Fragment.Length > 0
        )
        {
            errors.Add(
                RequestErrors.BadParameter.At(
                    "url",
                    text,
                    "url",
                    new Words(
                        $"an address that begins with https:, without user or fragment, up to {MaxUrl} characters",
                        $"địa chỉ bắt đầu bằng https:, không có tên người dùng hay #, tối đa {MaxUrl} ký tự"
                    )
                )
            );
            return null;
        }
        // Names are asked when they are called; an address can be told now.
        if (IPAddress.TryParse(url.DnsSafeHost, out var address) && !guard.Allows(address))
        {
            errors.Add(EventErrors.ForbiddenAddress.At("url", text));
        }
        return url;
    }
}
