using System.Net;
using Axis.TestKit;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>Guessing secrets is slowed down as at the token endpoint, and the count is one for both.</summary>
public sealed class VxpGuessingTests
{
    [Test]
    public async Task Guesses_are_made_to_wait_here_and_at_the_token_endpoint_while_the_right_secret_never_is()
    {
        // So many free ones that the few guesses at the token endpoint are never the reason.
        await using var province = await VxpProvince.StartAsync(
            ("Access:FreeFailures", "50"),
            ("Access:LongestBackOff", "01:00:00")
        );
        Assert.That((await GuessAsync(province)).Words, Does.StartWith("AXIS-2201"));

        // A wait may be over before the next look; each guess that is let through doubles the next.
        await Eventually.HoldsAsync(async () =>
        {
            while (
                !(await GuessAsync(province)).Words.StartsWith(
                    "AXIS-2007",
                    StringComparison.Ordinal
                )
            )
            {
                // One more of the free ones.
            }
            return await AskForTokenAsync(province) == HttpStatusCode.TooManyRequests;
        });

        Assert.That((await ListAsync(province, VxpProvince.Secret)).IsOk, Is.True);
    }

    private static async Task<HttpStatusCode> AskForTokenAsync(VxpProvince province)
    {
        using var client = new HttpClient { BaseAddress = province.Hub.Http };
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = "demo",
                ["client_secret"] = "guess",
            }
        );
        using var answer = await client.PostAsync(new Uri("oauth2/token", UriKind.Relative), form);
        return answer.StatusCode;
    }

    private static Task<RawAnswer> GuessAsync(VxpProvince province) =>
        ListAsync(province, "a-guess-that-is-wrong");

    private static Task<RawAnswer> ListAsync(VxpProvince province, string secret) =>
        VxpAsk
            .Of(
                VxpCall.GetReceivedEdocList,
                "demo.h41",
                secret,
                (VxpParameter.MessageType, VxpValue.MessageEdoc)
            )
            .ToAsync(province.Hub.Http);
}
