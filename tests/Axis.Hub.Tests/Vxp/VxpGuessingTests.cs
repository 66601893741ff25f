using System.Net;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>Guessing secrets is slowed down as at the token endpoint, and the count is one for both.</summary>
public sealed class VxpGuessingTests
{
    [Test]
    public async Task Guesses_are_made_to_wait_while_the_right_secret_never_is()
    {
        await using var province = await VxpProvince.StartAsync(
            ("Access:FreeFailures", "2"),
            // Long enough that the wait cannot end while the test runs.
            ("Access:LongestBackOff", "01:00:00")
        );
        var words = new List<string>();
        for (var guess = 0; guess < 14; guess++)
        {
            words.Add((await ListAsync(province, $"guess-number-{guess}")).Words);
        }
        Assert.That(words[0], Does.StartWith("AXIS-2201"));
        Assert.That(words, Has.Some.StartsWith("AXIS-2007"));

        // The same client at the token endpoint waits too.
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
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));

        Assert.That((await ListAsync(province, VxpProvince.Secret)).IsOk, Is.True);
    }

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
