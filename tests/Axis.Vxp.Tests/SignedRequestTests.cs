using System.Text;

namespace Axis.Vxp.Tests;

/// <summary>What a forger may try with headers, each by name.</summary>
public sealed class SignedRequestTests
{
    private const string Secret = "made-for-this-test";

    private static VxpParameters Good() =>
        new VxpParameters()
            .Set("systemid", "demo.h41")
            .Set("servicetype", "eDoc")
            .Set("from", "H41.01")
            .Set("to", """["H41.02","H41.03"]""")
            .Set("timestamp", "22112026T043646+0517")
            .Set("Content-Type", "application/json");

    [Test]
    public void A_request_as_it_should_be_is_taken()
    {
        var (parameters, problem) = Verify(VxpSignature.Sign(Good(), Secret));
        Assert.That(problem, Is.Empty);
        Assert.That(parameters!["to"], Is.EqualTo("""["H41.02","H41.03"]"""));
    }

    [TestCase("XroadVnpt-from", "H41.99", "differs")]
    [TestCase("XroadVnpt-to", """["H41.02"]""", "differs")]
    [TestCase("XroadVnpt-timestamp", "22112026T043646+0518", "differs")]
    [TestCase("Content-Type", "application/xml", "Content-Type")]
    [TestCase("XroadVnpt-Content-Type", "application/xml", "differs")]
    [TestCase("XroadVnpt-sign-header-key", "systemid;from", "sign-header-key")]
    public void An_altered_header_is_refused(string header, string value, string words)
    {
        var headers = Changed(VxpSignature.Sign(Good(), Secret), header, value);
        Assert.That(Verify(headers).Problem, Does.Contain(words));
    }

    [TestCase("XroadVnpt-from")]
    [TestCase("XroadVnpt-servicetype")]
    [TestCase("XroadVnpt-timestamp")]
    public void A_signed_name_without_its_header_is_refused(string header)
    {
        var headers = VxpSignature.Sign(Good(), Secret).Where(one => one.Key != header);
        Assert.That(Verify(headers).Problem, Does.Contain("no header"));
    }

    [TestCase("XroadVnpt-systemid")]
    [TestCase("XroadVnpt-sign-header")]
    [TestCase("XroadVnpt-hash-header")]
    [TestCase("XroadVnpt-sign-header-key")]
    public void A_header_of_the_signature_that_is_missing_or_stands_twice_is_refused(string header)
    {
        var headers = VxpSignature.Sign(Good(), Secret);
        Assert.That(
            Verify(headers.Where(one => one.Key != header)).Problem,
            Does.Contain("exactly one")
        );
        Assert.That(
            Verify(headers.Append(headers.Single(one => one.Key == header))).Problem,
            Does.Contain("exactly one")
        );
    }

    [TestCase("XroadVnpt-status", "done", "not in sign-header")]
    [TestCase("XroadVnpt-from", "H41.99", "differs")]
    [TestCase("xroadvnpt-FROM", "H41.99", "differs")]
    public void A_header_that_was_not_signed_is_refused(string header, string value, string words)
    {
        var headers = VxpSignature.Sign(Good(), Secret).Append(KeyValuePair.Create(header, value));
        Assert.That(Verify(headers).Problem, Does.Contain(words));
    }

    [Test]
    public void A_name_that_stands_twice_in_the_signed_text_is_refused()
    {
        const string Text = """
            {"XroadVnpt-systemid":"demo.h41","XroadVnpt-from":"H41.01","XroadVnpt-from":"H41.99"}
            """;
        Assert.That(SignedText.Read(Encoding.UTF8.GetBytes(Text), out var problem), Is.Null);
        Assert.That(problem, Does.Contain("twice"));
    }

    [Test]
    public void Two_names_that_differ_in_case_are_refused_unless_they_are_the_document_id()
    {
        Assert.That(
            Verify(VxpSignature.Sign(Good().Set("From", "H41.99"), Secret)).Problem,
            Does.Contain("differ only in case")
        );
        var both = Good().Set("docId", "1").Set("docid", "2");
        Assert.That(Verify(VxpSignature.Sign(both, Secret)).Parameters!["docid"], Is.EqualTo("2"));
    }

    [Test]
    public void Of_the_two_document_ids_one_merged_header_is_enough_but_not_a_third_value()
    {
        var both = VxpSignature.Sign(Good().Set("docId", "1").Set("docid", "2"), Secret);
        var rest = both.Where(one => one.Key is not ("XroadVnpt-docId" or "XroadVnpt-docid"))
            .ToArray();
        var merged = rest.Append(KeyValuePair.Create("XroadVnpt-docId", "2"));
        Assert.That(Verify(merged).Problem, Is.Empty);
        var third = rest.Append(KeyValuePair.Create("XroadVnpt-docId", "3"));
        Assert.That(Verify(third).Problem, Does.Contain("differs"));
        Assert.That(Verify(rest).Problem, Does.Contain("no header"));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("{")]
    [TestCase("""{"XroadVnpt-a":1}""")]
    [TestCase("""{"XroadVnpt-a":null}""")]
    [TestCase("""{"XroadVnpt-a":{"b":"c"}}""")]
    [TestCase("""{"XroadVnpt-a":["b"]}""")]
    [TestCase("""{"a":"b"}""")]
    [TestCase("""{"XroadVnpt-a":"b"}{}""")]
    [TestCase("""{"XroadVnpt-a":"b"} x""")]
    [TestCase("""{"XroadVnpt-a":"b",}""")]
    [TestCase("""{"XroadVnpt-a":"b"/**/}""")]
    [TestCase("""{"XroadVnpt-a":"\ud800"}""")]
    public void What_is_no_flat_object_of_strings_is_refused_in_words(string text)
    {
        Assert.That(SignedText.Read(Encoding.UTF8.GetBytes(text), out var problem), Is.Null);
        Assert.That(problem, Is.Not.Empty);
    }

    [Test]
    public void Bytes_that_are_no_UTF8_are_refused() =>
        Assert.That(
            SignedText.Read([.. "{\"XroadVnpt-a\":\""u8, 0xBF, .. "\"}"u8], out _),
            Is.Null
        );

    [Test]
    public void More_parameters_than_any_client_has_are_refused()
    {
        var many = Good();
        for (var i = 0; i < 100; i++)
        {
            many.Set($"p{i}", "v");
        }
        Assert.That(Verify(VxpSignature.Sign(many, Secret)).Problem, Does.Contain("more than"));
    }

    [Test]
    public void A_Vietnamese_value_is_taken_when_its_bytes_arrived_and_refused_when_they_were_cut()
    {
        var named = VxpSignature.Sign(Good().Set("note", "Tiếng Việt"), Secret);
        Assert.That(Verify(AsBytes(named)).Parameters!["note"], Is.EqualTo("Tiếng Việt"));

        // The low byte of each character, as one of the clients' stacks sends it: nothing proves it any more.
        var cut = named.Select(one =>
            KeyValuePair.Create(one.Key, new string([.. one.Value.Select(c => (char)(c & 0xFF))]))
        );
        Assert.That(SignedRequest.Read(Grouped(cut), out _)!.IsSignedWith(Secret), Is.False);
    }

    [Test]
    public void A_control_character_that_was_signed_but_cannot_travel_is_refused()
    {
        var headers = VxpSignature.Sign(Good().Set("note", "a\tb"), Secret);
        Assert.That(Verify(headers).Problem, Does.Contain("control"));
    }

    [TestCase("2026-11-22T04:36:46")]
    [TestCase("32112026T043646+0517")]
    [TestCase("22112026T043646+1517")]
    [TestCase("")]
    public void A_timestamp_of_another_form_is_refused(string timestamp) =>
        Assert.That(
            Verify(VxpSignature.Sign(Good().Set("timestamp", timestamp), Secret)).Problem,
            Does.Contain("timestamp")
        );

    [Test]
    public void The_wrong_secret_proves_nothing_and_neither_does_a_short_or_odd_hash()
    {
        var headers = VxpSignature.Sign(Good(), Secret);
        Assert.That(SignedRequest.Read(Grouped(headers), out _)!.IsSignedWith("another"), Is.False);
        foreach (var hash in (string[])["", "0", new string('0', 64), "\u00ff"])
        {
            var forged = Changed(headers, VxpNames.HashHeader, hash);
            Assert.That(
                SignedRequest.Read(Grouped(forged), out _)!.IsSignedWith(Secret),
                Is.False,
                hash
            );
        }
    }

    private static (VxpParameters? Parameters, string Problem) Verify(
        IEnumerable<KeyValuePair<string, string>> headers
    )
    {
        var request = SignedRequest.Read(Grouped(headers), out var problem);
        return request is null ? (null, problem) : (request.Open(out problem), problem);
    }

    private static IEnumerable<KeyValuePair<string, string>> Changed(
        IEnumerable<KeyValuePair<string, string>> headers,
        string name,
        string value
    ) => headers.Select(one => one.Key == name ? KeyValuePair.Create(name, value) : one);

    private static IEnumerable<KeyValuePair<string, string>> AsBytes(
        IEnumerable<KeyValuePair<string, string>> headers
    ) =>
        headers.Select(one =>
            KeyValuePair.Create(
                one.Key,
                Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(one.Value))
            )
        );

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
