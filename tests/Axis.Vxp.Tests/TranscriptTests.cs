using System.Security.Cryptography;
using System.Text;

namespace Axis.Vxp.Tests;

/// <summary>Every recorded request of the real clients, verified as strictly as the door does.</summary>
public sealed class TranscriptTests
{
    private const string SignedWrongly = "31-getReceivedEdocList-bad-secret.sdk201";

    public static IEnumerable<TestCaseData> Recordings() =>
        Transcript.All() is { Count: > 0 } all
            ? all.Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name))
            : [new TestCaseData((Transcript?)null).SetArgDisplayNames("none")];

    [TestCaseSource(nameof(Recordings))]
    public void A_recorded_request_is_proved_by_its_secret_and_says_what_was_signed(
        Transcript? recorded
    )
    {
        var transcript = Needed(recorded);
        var request = SignedRequest.Read(Grouped(transcript.Headers), out var problem);
        Assert.That(request, Is.Not.Null, problem);
        Assert.That(request!.SystemId, Is.EqualTo(Transcript.SystemId));
        Assert.That(
            request.IsSignedWith(Transcript.Secret),
            Is.EqualTo(transcript.Name != SignedWrongly)
        );
        Assert.That(request.Open(out problem), Is.Not.Null, problem);
        Assert.That(request.IsSignedWith("another secret"), Is.False);
    }

    [TestCaseSource(nameof(Recordings))]
    public void Our_writer_signs_the_same_parameters_to_the_same_headers(Transcript? recorded)
    {
        var transcript = Needed(recorded);
        if (transcript.Name == SignedWrongly)
        {
            return;
        }
        var parameters = SignedRequest.Read(Grouped(transcript.Headers), out _)!.Open(out _)!;
        var ours = VxpSignature.Sign(parameters, Transcript.Secret);

        foreach (
            var header in (string[])
                [VxpNames.SignHeaderKey, VxpNames.SignHeader, VxpNames.HashHeader]
        )
        {
            Assert.That(Single(ours, header), Is.EqualTo(Single(transcript.Headers, header)));
        }
        Assert.That(Single(ours, "User-Agent"), Is.EqualTo(VxpNames.UserAgentValue));
    }

    [TestCaseSource(nameof(Recordings))]
    public void A_recorded_call_is_one_we_know_with_its_verb_and_order(Transcript? recorded)
    {
        var transcript = Needed(recorded);
        var call = VxpCall.Named(transcript.Call);
        Assert.That(call, Is.Not.Null);
        Assert.That(transcript.RequestLine, Does.StartWith(call!.Verb + " "));
        Assert.That(
            transcript.Body.Length,
            call.Body switch
            {
                VxpBody.None => Is.Zero,
                VxpBody.EmptyObject => Is.EqualTo(2),
                _ => Is.GreaterThan(2),
            }
        );
        var names = Single(transcript.Headers, VxpNames.SignHeaderKey).Split(';');
        var isFresh = !transcript.Name.Contains("reuse", StringComparison.Ordinal);
        if (isFresh && !names.Contains(VxpParameter.DocIdLower))
        {
            Assert.That(names, Is.EqualTo(call.Parameters.Where(names.Contains)));
        }
    }

    [TestCaseSource(nameof(Recordings))]
    public void A_recorded_file_has_the_digest_that_was_sent_without_its_line_end(
        Transcript? recorded
    )
    {
        var transcript = Needed(recorded);
        if (transcript.Call != VxpCall.SendEdoc.Name)
        {
            return;
        }
        Assert.That(transcript.Body.AsSpan()[^2..].ToArray(), Is.EqualTo("\r\n"u8.ToArray()));
        var digest = SHA256.HashData(transcript.Body.AsSpan()[..^2]);
        Assert.That(
            FileHash.IsOf(digest, Single(transcript.Headers, VxpNames.Prefix + "hash-file")),
            Is.True
        );
    }

    [Test]
    public void The_worked_example_of_a_list_gives_the_recorded_hash()
    {
        const string Text = """
            {"XroadVnpt-systemid":"demo.h41","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-timestamp":"22112026T043646+0517","XroadVnpt-Content-Type":"application/json"}
            """;
        Assert.That(
            VxpSignature.Of(Encoding.UTF8.GetBytes(Text), Transcript.Secret),
            Is.EqualTo("03a5488f83e7b33fcf606e017db5e0a4fdd1a968335e0cb21a6263827af7f034")
        );
    }

    private static Transcript Needed(Transcript? recorded)
    {
        if (recorded is null)
        {
            Assert.Ignore("The recordings of real clients are not on this machine.");
        }
        return recorded!;
    }

    private static string Single(IEnumerable<KeyValuePair<string, string>> headers, string name) =>
        headers.Single(header => header.Key == name).Value;

    private static KeyValuePair<string, IReadOnlyList<string>>[] Grouped(
        IEnumerable<KeyValuePair<string, string>> headers
    ) =>
        [
            .. headers
                .GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
                .Select(group =>
                    KeyValuePair.Create(
                        group.Key,
                        (IReadOnlyList<string>)[.. group.Select(header => header.Value)]
                    )
                ),
        ];
}
