using System.Text;

namespace Axis.EdXml.Tests;

/// <summary>What real producers do to the standard, each with a synthetic package.</summary>
[TestFixture]
public class TrapTests
{
    private static IEnumerable<int> Errors(string text) =>
        Fixture.Check(text).Where(f => f.Severity == Severity.Error).Select(f => f.Rule.Number);

    private static IEnumerable<int> Numbers(string text) =>
        Fixture.Check(text).Select(f => f.Rule.Number);

    [Test]
    public void Junk_before_the_declaration_is_refused_at_its_place()
    {
        var finding = Fixture.Check("1212" + Fixture.Document).Single();
        Assert.That(finding.Rule, Is.EqualTo(Rules.TextOutsideRoot));
        Assert.That((finding.Line, finding.Column), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_byte_order_mark_is_no_problem()
    {
        var reading = Fixture.Read("\uFEFF" + Fixture.Document);
        Assert.That(reading.Findings, Is.Empty);
        Assert.That(reading.Document!.DocumentId, Is.EqualTo("H99.01,2026/03/02,15/STN-VP"));
    }

    [TestCase("utf-16")]
    [TestCase("utf-16BE")]
    [TestCase("utf-32")]
    public void Other_encodings_are_recognised_and_refused(string encoding)
    {
        var e = Encoding.GetEncoding(encoding);
        foreach (var mark in (bool[])[true, false])
        {
            byte[] bytes = [.. mark ? e.GetPreamble() : [], .. e.GetBytes(Fixture.Document)];
            var reading = PackageReader.Read(bytes, ReadLimits.Default);
            Assert.That(reading.Findings.Single().Rule, Is.EqualTo(Rules.UnsupportedEncoding));
        }
    }

    [Test]
    public void The_colon_namespace_is_read_with_a_warning()
    {
        var text = Fixture.Document.With("QCVN_102_2016", "QCVN_102:2016");
        Assert.That(Fixture.Read(text).Document!.From.OrganId, Is.EqualTo("H99.01"));
        Assert.That(Errors(text), Is.Empty);
        Assert.That(Numbers(text), Does.Contain(Rules.NamespaceVariant.Number));
    }

    [Test]
    public void Unprefixed_children_are_read_with_a_warning()
    {
        var text = Fixture
            .Document.With("<edXML:", "<")
            .With("</edXML:", "</")
            .With("xmlns:edXML=", "xmlns=");
        var reading = Fixture.Read(text);
        Assert.That(reading.Form, Is.EqualTo(EnvelopeForm.Unprefixed));
        Assert.That(reading.Document!.To, Has.Count.EqualTo(2));
        Assert.That(reading.Attachments.Single().Kind, Is.EqualTo(ContentKind.Pdf));
        Assert.That(Errors(text), Is.Empty);
    }

    [Test]
    public void Any_prefix_means_the_same_namespace()
    {
        var text = Fixture.Document.With("edXML:", "q:").With("xmlns:edXML=", "xmlns:q=");
        Assert.That(
            Fixture.Read(text).Document!.Subject,
            Is.EqualTo("Về việc thử nghiệm & kiểm tra")
        );
        Assert.That(Numbers(text), Is.Empty);
    }

    [Test]
    public void Elements_of_a_foreign_namespace_are_not_taken_for_ours()
    {
        var text = Fixture.Document.With(
            "<edXML:From>",
            "<x:From xmlns:x=\"urn:evil\"><x:OrganId>H00</x:OrganId></x:From><edXML:From>"
        );
        var reading = Fixture.Read(text);
        Assert.That(reading.Document!.From.OrganId, Is.EqualTo("H99.01"));
        Assert.That(reading.Document.Unknown, Is.Not.Empty);
    }

    [Test]
    public void Order_of_elements_does_not_matter()
    {
        const string code =
            "<edXML:Code>\n          <edXML:CodeNumber>15</edXML:CodeNumber>\n          <edXML:CodeNotation>STN-VP</edXML:CodeNotation>\n        </edXML:Code>";
        var text = Fixture
            .Document.With(code, "")
            .With("</edXML:MessageHeader>", code + "</edXML:MessageHeader>");
        Assert.That(Fixture.Read(text).Document!.CodeNumber, Is.EqualTo("15"));
        Assert.That(Numbers(text), Is.Empty);
    }

    [Test]
    public void A_second_From_is_refused()
    {
        var text = Fixture.Document.With(
            "<edXML:From>",
            "<edXML:From><edXML:OrganId>H99.09</edXML:OrganId></edXML:From><edXML:From>"
        );
        Assert.That(Errors(text), Is.EqualTo(new[] { Rules.RepeatedElement.Number }));
    }

    [Test]
    public void A_From_inside_From_is_refused()
    {
        var text = Fixture
            .Document.With("<edXML:From>", "<edXML:From><edXML:From>")
            .With("</edXML:From>", "</edXML:From></edXML:From>");
        Assert.That(Errors(text), Does.Contain(Rules.MissingElement.Number));
        Assert.That(Numbers(text), Does.Contain(Rules.UnknownElement.Number));
    }

    [Test]
    public void An_empty_ResponseFor_is_noted_only()
    {
        var text = Fixture.Document.With(
            "<edXML:SteeringType>",
            "<edXML:ResponseFor><edXML:OrganId></edXML:OrganId><edXML:Code/><edXML:DocumentId> </edXML:DocumentId></edXML:ResponseFor><edXML:SteeringType>"
        );
        Assert.That(Fixture.Read(text).Document!.ResponseFor[1].IsEmpty);
        Assert.That(Errors(text), Is.Empty);
        Assert.That(Numbers(text), Does.Contain(Rules.EmptyResponseFor.Number));
    }

    [Test]
    public void The_word_null_means_nothing()
    {
        var text = Fixture.Document.With(
            "<edXML:OrganId>H99.01</edXML:OrganId>\n          <edXML:Timestamp>",
            "<edXML:OrganId>null</edXML:OrganId>\n          <edXML:Timestamp>"
        );
        Assert.That(Fixture.Read(text).Document!.Trace.Single().OrganId, Is.Null);
        Assert.That(Errors(text), Is.Empty);
        Assert.That(Numbers(text), Does.Contain(Rules.LiteralNull.Number));
    }

    [Test]
    public void A_sender_that_is_null_is_missing()
    {
        var text = Fixture.Document.With(
            ">H99.01</edXML:OrganId>\n          <edXML:OrganizationInCharge>",
            ">null</edXML:OrganId>\n          <edXML:OrganizationInCharge>"
        );
        Assert.That(Errors(text), Is.EqualTo(new[] { Rules.MissingElement.Number }));
    }

    [Test]
    public void A_node_of_an_axis_as_recipient_is_a_warning()
    {
        var text = Fixture.Document.With("000.00.03.H99", "00.53.W00");
        Assert.That(Errors(text), Is.Empty);
        Assert.That(Numbers(text), Does.Contain(Rules.NodeAsRecipient.Number));
    }

    [Test]
    public void Both_codes_of_one_agency_stay_two_recipients_here()
    {
        // Which codes belong to one agency is the registry's knowledge, never arithmetic.
        var text = Fixture.Document.With("000.00.03.H99", "000.00.02.H99");
        Assert.That(Fixture.Read(text).Document!.To, Has.Count.EqualTo(2));
        Assert.That(Numbers(text), Is.Empty);
    }

    [Test]
    public void Letters_in_the_number_are_noted_only()
    {
        var text = Fixture.Document.With("<edXML:CodeNumber>15<", "<edXML:CodeNumber>74fass22<");
        Assert.That(Fixture.Read(text).Document!.CodeNumber, Is.EqualTo("74fass22"));
        Assert.That(Errors(text), Is.Empty);
    }

    [TestCase("2014/02/30", null, DateForm.Unreadable)]
    [TestCase("30/12/2014", "2014-12-30", DateForm.DayFirst)]
    [TestCase("2014-12-30", "2014-12-30", DateForm.Iso)]
    [TestCase("2014/12/30", "2014-12-30", DateForm.Standard)]
    [TestCase("2014-12-30T23:30:00Z", "2014-12-31", DateForm.Iso)]
    [TestCase("30/12/2014 08:00:00", "2014-12-30", DateForm.DayFirst)]
    [TestCase("0001/01/01", null, DateForm.Unreadable)]
    [TestCase("hôm nay", null, DateForm.Unreadable)]
    public void Dates_are_read_in_every_form_and_keep_their_text(
        string text,
        string? date,
        DateForm form
    )
    {
        var header = Fixture
            .Read(
                Fixture.Document.With(
                    "<edXML:PromulgationDate>2026/03/02<",
                    $"<edXML:PromulgationDate>{text}<"
                )
            )
            .Document!;
        Assert.That(
            header.PromulgationDate,
            Is.EqualTo(new EdDate(text, date is null ? null : DateOnly.Parse(date), form))
        );
    }

    [TestCase("2025/10/13 10:25:18", "2025-10-13T10:25:18+07:00")]
    [TestCase("13/10/2025 10:25:18", "2025-10-13T10:25:18+07:00")]
    [TestCase("2025-10-13T03:25:18Z", "2025-10-13T10:25:18+07:00")]
    [TestCase("2025-10-13T10:25:18.5+07:00", "2025-10-13T10:25:18.5+07:00")]
    [TestCase("2025-10-13T10:25:18", "2025-10-13T10:25:18+07:00")]
    [TestCase("2025/10/13", "2025-10-13T00:00:00+07:00")]
    [TestCase("2025/13/13 10:25:18", null)]
    public void Times_without_a_zone_are_Vietnam_time(string text, string? expected)
    {
        var time = EdTimestamp.Parse(text);
        Assert.That(time.Text, Is.EqualTo(text));
        Assert.That(
            time.Time,
            Is.EqualTo(expected is null ? null : (DateTimeOffset?)DateTimeOffset.Parse(expected))
        );
    }

    [TestCase("tep-1")]
    [TestCase("cid:TEP-1")]
    [TestCase("CID:tep-1")]
    public void An_id_that_nearly_matches_is_a_warning(string id)
    {
        var text = Fixture.Document.With("<ContentId>cid:tep-1", $"<ContentId>{id}");
        Assert.That(Errors(text), Is.Empty);
        Assert.That(Numbers(text), Is.EqualTo(new[] { Rules.ContentIdForm.Number }));
    }

    [Test]
    public void An_id_that_does_not_match_is_refused()
    {
        var text = Fixture.Document.With("<ContentId>cid:tep-1", "<ContentId>cid:209");
        Assert.That(Errors(text), Is.EqualTo(new[] { Rules.ReferenceWithoutAttachment.Number }));
    }

    [Test]
    public void A_recall_without_body_is_sound()
    {
        var body = Fixture.Document.IndexOf("<edXML:edXMLBody>", StringComparison.Ordinal);
        var text =
            Fixture
                .Document[..body]
                .With(">0</edXML:BussinessDocType>", ">1</edXML:BussinessDocType>")
            + "</edXML:edXMLEnvelope></edXML>";
        Assert.That(Fixture.Read(text).Document!.Business.Type, Is.EqualTo(BusinessType.Recall));
        Assert.That(Errors(text), Is.Empty);
    }

    [Test]
    public void A_reference_by_xlink_finds_its_attachment()
    {
        var text = Fixture.Document.With(
            "<edXML:Reference>\n          <edXML:ContentId>cid:tep-1</edXML:ContentId>",
            "<edXML:Reference xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:href=\"cid:tep-1\">"
        );
        Assert.That(Fixture.Read(text).Document!.Manifest.Single().Href, Is.EqualTo("cid:tep-1"));
        Assert.That(Errors(text), Is.Empty);
    }

    [Test]
    public void An_attachment_without_reference_is_a_warning()
    {
        var text = Variants.NoManifest;
        Assert.That(Errors(text), Is.Empty);
        Assert.That(
            Numbers(text),
            Is.EquivalentTo(
                new[] { Rules.MissingManifest.Number, Rules.AttachmentWithoutReference.Number }
            )
        );
    }

    [Test]
    public void Attachments_in_the_wrong_element_are_refused_but_seen()
    {
        Assert.That(
            Errors(Variants.WrongAttachments),
            Is.EqualTo(new[] { Rules.WrongAttachmentsElement.Number })
        );
        var attachment = Fixture.Read(Variants.WrongAttachments).Attachments.Single();
        Assert.That(attachment.InPlace, Is.False);
        Assert.That(attachment.Kind, Is.EqualTo(ContentKind.Pdf));
    }

    [Test]
    public void The_flat_form_is_recognised_read_and_refused()
    {
        var reading = Fixture.Read(Variants.Flat);
        Assert.That(reading.Form, Is.EqualTo(EnvelopeForm.FlatGoVn));
        Assert.That(reading.Document!.From.OrganId, Is.EqualTo("H99.01"));
        Assert.That(reading.Attachments.Single().Name, Is.EqualTo("a.pdf"));
        Assert.That(Errors(Variants.Flat), Is.EqualTo(new[] { Rules.NonStandardForm.Number }));
    }

    [Test]
    public void The_SOAP_form_is_recognised_read_and_refused()
    {
        var reading = Fixture.Read(Variants.Soap);
        Assert.That(reading.Form, Is.EqualTo(EnvelopeForm.Soap2803));
        Assert.That(reading.Document!.To, Has.Count.EqualTo(2));
        Assert.That(reading.Document.Manifest, Has.Count.EqualTo(1));
        Assert.That(Errors(Variants.Soap), Is.EqualTo(new[] { Rules.NonStandardForm.Number }));
        Assert.That(
            Fixture
                .Check(Variants.Soap, RuleProfile.Tolerant)
                .Where(f => f.Severity == Severity.Error),
            Is.Empty
        );
    }

    [Test]
    public void Unknown_elements_are_kept_with_their_text_and_place()
    {
        var text = Fixture.Document.With(
            "<edXML:DueDate>",
            "<edXML:Security level=\"1\">mật<edXML:Sub>x</edXML:Sub></edXML:Security><edXML:DueDate>"
        );
        var unknown = Fixture.Read(text).Document!.Unknown;
        Assert.That(
            unknown.Select(u => (u.Path, u.Text)),
            Is.EqualTo(
                new[] { ("MessageHeader/Security", "mật"), ("MessageHeader/Security/Sub", "x") }
            )
        );
    }

    [Test]
    public void Text_in_CDATA_is_text()
    {
        var text = Fixture.Document.With(
            "Về việc thử nghiệm &amp; kiểm tra",
            "<![CDATA[A & B <c> ]] ]]>&lt;d"
        );
        Assert.That(Fixture.Read(text).Document!.Subject, Is.EqualTo("A & B <c> ]] <d"));
    }

    [Test]
    public void Long_Vietnamese_file_names_survive()
    {
        var name = string.Concat(Enumerable.Repeat("Nghị quyết ", 27)) + "số 1.pdf";
        Assert.That(name, Has.Length.GreaterThan(300));
        var text = Fixture.Document.With("công văn.pdf", name);
        Assert.That(Fixture.Read(text).Attachments.Single().Name, Is.EqualTo(name));
        Assert.That(Numbers(text), Is.EqualTo(new[] { Rules.LongAttachmentName.Number }));
    }

    [Test]
    public void Five_hundred_recipients_are_read()
    {
        var many = string.Concat(
            Enumerable
                .Range(0, 500)
                .Select(i =>
                    $"<edXML:To><edXML:OrganId>H98.{i}</edXML:OrganId><edXML:OrganName>n{i}</edXML:OrganName></edXML:To>"
                )
        );
        var text = Fixture.Document.With(
            "<edXML:DocumentId>H99.01",
            many + "<edXML:DocumentId>H99.01"
        );
        var to = Fixture.Read(text).Document!.To;
        Assert.That(to, Has.Count.EqualTo(502));
        Assert.That(to[^1].OrganId, Is.EqualTo("H98.499"));
        Assert.That(Numbers(text), Is.Empty);
    }

    [Test]
    public void A_thousand_attachments_are_read()
    {
        var references = string.Concat(
            Enumerable
                .Range(0, 999)
                .Select(i =>
                    $"<edXML:Reference><edXML:ContentId>cid:{i}</edXML:ContentId></edXML:Reference>"
                )
        );
        var attachments = string.Concat(
            Enumerable
                .Range(0, 999)
                .Select(i =>
                    $"<Attachment><ContentId>cid:{i}</ContentId><AttachmentName>{i}.txt</AttachmentName><edXML:ContentTransferEncoded xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">{Fixture.Base64("tệp " + i)}</edXML:ContentTransferEncoded></Attachment>"
                )
        );
        var text = Fixture
            .Document.With("</edXML:edXMLManifest>", references + "</edXML:edXMLManifest>")
            .With("</AttachmentEncoded>", attachments + "</AttachmentEncoded>");
        var reading = Fixture.Read(text);
        Assert.That(reading.Attachments, Has.Count.EqualTo(1_000));
        Assert.That(
            reading.Attachments[^1].Size,
            Is.EqualTo(Encoding.UTF8.GetByteCount("tệp 998"))
        );
        Assert.That(Numbers(text), Is.Empty);
    }
}
