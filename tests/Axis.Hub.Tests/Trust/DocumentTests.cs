using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Trust;

/// <summary>Signatures inside attached PDF files: what they are worth, where it is shown, and what it lets through.</summary>
public sealed class DocumentTests
{
    private TrustProvince _province = null!;
    private X509Certificate2 _signer = null!;
    private X509Certificate2 _revoked = null!;
    private TestAuthority _stranger = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _province = await TrustProvince.StartAsync(("Trust:MaxDocuments", "2"));
        _signer = _province.Authority.Issue("Nguyễn Văn A");
        _revoked = _province.Authority.Issue("Trần Thị B");
        _stranger = new TestAuthority(_province.Clock.Now, "CN=Nobody");
        var now = _province.Clock.Now;
        _province.Put("list.crl", _province.Authority.List(now, now.AddYears(1), _revoked));
        _province.RereadFolder();
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _signer.Dispose();
        _revoked.Dispose();
        _stranger.Dispose();
        await _province.DisposeAsync();
    }

    [SetUp]
    public Task Ask_for_a_signed_document() => _province.PolicyAsync(SignaturePolicy.Document);

    private static IEnumerable<TestCaseData> Documents()
    {
        yield return Case("a signed one", t => SignedPdf.By(t._signer), "valid", null);
        yield return Case("an unsigned one", _ => null, "none", "AXIS-4011");
        yield return Case(
            "one that was changed after it was signed",
            t => Changed(SignedPdf.By(t._signer)),
            "broken",
            "AXIS-4012"
        );
        yield return Case(
            "one signed by a stranger",
            t => SignedPdf.By(t._stranger.Issue("Stranger")),
            "untrusted",
            "AXIS-4012"
        );
        yield return Case(
            "one whose signer was revoked",
            t => SignedPdf.By(t._revoked),
            "revoked",
            "AXIS-4012"
        );
        yield return Case(
            "one with something appended to it",
            t => [.. SignedPdf.By(t._signer), .. "\n7 0 obj\n<< /A 1 >>\nendobj\n"u8],
            "broken",
            "AXIS-4012"
        );
        yield return Case(
            "a signed one that came packed",
            t => Packed(SignedPdf.By(t._signer)),
            "valid",
            null
        );
        yield return Case(
            "an archive of something else",
            _ => Packed("no PDF"u8.ToArray()),
            "none",
            "AXIS-4011"
        );
        yield return Case("a bomb", _ => Packed(new byte[30_000_000]), "malformed", "AXIS-4012");

        static TestCaseData Case(
            string what,
            Func<DocumentTests, byte[]?> content,
            string verdict,
            string? code
        ) => new TestCaseData(content, verdict, code).SetArgDisplayNames(what, verdict);
    }

    [TestCaseSource(nameof(Documents))]
    public async Task A_letter_passes_on_the_strength_of_its_document(
        Func<DocumentTests, byte[]?> content,
        string verdict,
        string? code
    )
    {
        var letter = LetterWith(content(this));
        if (code is not null)
        {
            var refused = await _province.SubmitAsync(letter.Unsigned());
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
            Assert.That(refused.Codes, Is.EqualTo(new[] { code }));
            Assert.That(
                await _province.Hub.CountAsync(
                    $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
                ),
                Is.Zero
            );
            await _province.PolicyAsync(SignaturePolicy.Record);
        }
        var receipt = await _province.SubmitAsync(letter.Unsigned());

        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        Assert.That(Text(receipt.Json, "documentVerdict"), Is.EqualTo(verdict));
        var attachment = receipt.Json.GetProperty("attachments")[0];
        Assert.That(Text(attachment, "verdict"), Is.EqualTo(verdict));
        Assert.That(Text(attachment, "reason"), Is.Not.Empty);
        Assert.That(Text(attachment, "reasonVi"), Is.Not.EqualTo(Text(attachment, "reason")));
    }

    [Test]
    public async Task The_verdict_is_shown_to_the_sender_to_the_recipient_and_with_the_status()
    {
        var letter = LetterWith(SignedPdf.By(_signer));
        var receipt = await _province.SubmitAsync(letter.Unsigned());
        using var client = await _province.Hub.ClientAsync("sender");

        var view = (await client.GetAnswerAsync($"v1/packages/{receipt.PackageId}")).Json;
        Assert.That(Text(view, "signature"), Is.EqualTo("none"));
        Assert.That(Text(view, "documentVerdict"), Is.EqualTo("valid"));
        Assert.That(Text(view, "signaturePolicy"), Is.EqualTo("document"));
        var signature = view.GetProperty("attachments")[0].GetProperty("signatures")[0];
        Assert.That(Text(signature, "signer"), Is.EqualTo("CN=Nguyễn Văn A"));
        Assert.That(Text(signature, "coverage"), Is.EqualTo("whole_file"));

        var delivery = receipt.DeliveryTo(TrustProvince.Recipient);
        var item = (await client.ItemsAsync("v1/inbox?limit=1000")).Single(one =>
            one.GetProperty("deliveryId").GetGuid() == delivery
        );
        Assert.That(Text(item, "documentVerdict"), Is.EqualTo("valid"));

        await _province.SubmitAsync(
            new Report(
                TrustProvince.Recipient,
                "03",
                TrustProvince.Sender,
                letter.DocumentId
            ).Bytes()
        );
        var told = (await client.ItemsAsync("v1/events?limit=1000"))
            .Select(one => one.GetProperty("data"))
            .Single(one => one.GetProperty("deliveryId").GetGuid() == delivery);
        Assert.That(Text(told, "documentVerdict"), Is.EqualTo("valid"));
        Assert.That(Text(told, "signature"), Is.EqualTo("none"));
    }

    [Test]
    public async Task Signed_rates_are_counted_by_columns()
    {
        await _province.SubmitAsync(LetterWith(SignedPdf.By(_signer)).Unsigned());
        Assert.That(
            await _province.Hub.CountAsync(
                "SELECT count(*) FROM package WHERE document_verdict = 'valid' AND verdict = 'none'"
            ),
            Is.GreaterThan(0)
        );
    }

    [Test]
    public async Task Either_takes_an_unsigned_envelope_with_a_signed_document_and_the_other_way_round()
    {
        await _province.PolicyAsync(SignaturePolicy.Either);
        using var registered = await _province.RegisterAsync("/either");
        var signed = await _province.SubmitAsync(LetterWith(SignedPdf.By(_signer)).Unsigned());
        var sealedOnly = await _province.SubmitAsync(LetterWith(null).SignedBy(registered));
        var nothing = await _province.SubmitAsync(LetterWith(null).Unsigned());

        Assert.That(signed.Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(sealedOnly.Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(nothing.Codes, Is.EqualTo(new[] { "AXIS-4001", "AXIS-4011" }));
    }

    [Test]
    public async Task A_file_too_large_for_memory_is_judged_all_the_same()
    {
        var large = SignedPdf.By(_signer, new string('a', 3_000_000));
        var receipt = await _province.SubmitAsync(LetterWith(large).Unsigned());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        Assert.That(Text(receipt.Json, "documentVerdict"), Is.EqualTo("valid"));
    }

    private static Letter LetterWith(byte[]? content) =>
        new(TrustProvince.Sender, TrustProvince.Recipient) { Content = content };

    private static byte[] Changed(byte[] pdf)
    {
        pdf[20] ^= 1;
        return pdf;
    }

    private static byte[] Packed(byte[] content)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("cong-van.pdf").Open();
            entry.Write(content);
        }
        return zip.ToArray();
    }

    private static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString()!;
}
