namespace Axis.EdXml.Tests;

/// <summary>Values in the real packages, checked by hand against the files.</summary>
[TestFixture]
public class GoldenTests
{
    private static PackageReading Read(string name) =>
        PackageReader.Read(
            SampleFiles.Require(name),
            ReadLimits.Default with
            {
                AttachmentDetail = AttachmentDetail.Full,
            }
        );

    [TestCase(
        "documents/gateway-2025-minimal.edxml",
        "vxp.saas.03",
        "vxp.saas.03",
        "test-123",
        "123/TEST",
        "Test Subject",
        null,
        0
    )]
    [TestCase(
        "documents/gateway-2025-pdf-is-zip.edxml",
        "vxp.saas.03",
        "vxp.saas.03",
        "5e515fca-3627-4f2e-b517-7169acdc8bda",
        "BINTEST123/GW-AUTO",
        "Binary fix test",
        "2025-10-23",
        2
    )]
    [TestCase(
        "documents/gateway-2025-three-attachments.edxml",
        "vxp.saas.03",
        "vxp.saas.02",
        "1da394ba-2117-4354-a23f-6ec3e47ba81b",
        "20251020104803/GW-AUTO",
        "Local Aggregate Test",
        "2025-10-20",
        1
    )]
    [TestCase(
        "documents/gateway-2025-two-attachments.edxml",
        "vxp.saas.03",
        "vxp.saas.03",
        "b6e1f29d-cdc9-4fa7-8391-442e8566f14e",
        "20251016112435/GW-AUTO",
        "Tiêu đề thử",
        "2025-10-16",
        1
    )]
    [TestCase(
        "documents/national-axis-2025-three-hops.redacted.edxml",
        "020100107370",
        "G12,000.00.00.G12",
        "020100107370,2025/10/13,2440/PLX-HĐQT",
        "2440/PLX-HĐQT",
        "[TRICH YEU DA CHE]",
        "2025-10-13",
        3
    )]
    [TestCase(
        "documents/vnpt-update.edxml",
        "000.00.00.G22",
        "000.00.00.H41,000.00.00.H14,000.00.00.G17",
        "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
        "7816/VPCP-TTĐT",
        "V/v kết nối, liên thông phần mềm quản lý văn bản",
        "2018-09-28",
        1
    )]
    [TestCase(
        "documents/vnpt-recall.edxml",
        "000.00.00.G22",
        "000.00.00.H41,000.00.00.H14,000.00.00.G17",
        "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
        "7816/VPCP-TTĐT",
        "V/v kết nối, liên thông phần mềm quản lý văn bản",
        "2018-09-28",
        1
    )]
    [TestCase(
        "documents/vnpt-new-small.edxml",
        "000.00.00.G22",
        "000.00.00.H41,000.00.00.H14,000.00.00.G17",
        "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
        "7816/VPCP-TTĐT",
        "V/v kết nối, liên thông phần mềm quản lý văn bản",
        "2019-04-11",
        1
    )]
    [TestCase(
        "documents/vnpt-new.edxml",
        "000.00.00.A80",
        "28.22.H17",
        "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
        "74fass22/VPCP-TTĐT",
        "V/v kết nối, liên thông phần mềm quản lý văn bản",
        "2019-01-16",
        1
    )]
    public void Letters_carry_what_the_file_says(
        string name,
        string from,
        string to,
        string documentId,
        string code,
        string subject,
        string? date,
        int hops
    )
    {
        var d = Read(name).Document!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(d.From.OrganId, Is.EqualTo(from));
            Assert.That(string.Join(',', d.To.Select(t => t.OrganId)), Is.EqualTo(to));
            Assert.That(d.DocumentId, Is.EqualTo(documentId));
            Assert.That($"{d.CodeNumber}/{d.CodeNotation}", Is.EqualTo(code));
            Assert.That(d.Subject, Is.EqualTo(subject));
            Assert.That(d.PromulgationDate?.Date?.ToString("yyyy-MM-dd"), Is.EqualTo(date));
            Assert.That(d.Trace, Has.Count.EqualTo(hops));
            Assert.That(d.Unknown, Is.Empty);
        }
    }

    [TestCase("statuses/status.edxml", "01", "2018-09-28T17:25:11+07:00")]
    [TestCase("statuses/rejection_02.edxml", "02", "2015-09-20T11:08:36+07:00")]
    [TestCase("statuses/arrival_01.edxml", "01", null)]
    [TestCase("statuses/acceptance_03.edxml", "03", null)]
    [TestCase("statuses/assignment_04.edxml", "04", null)]
    [TestCase("statuses/processing_05.edxml", "05", null)]
    [TestCase("statuses/finish_06.edxml", "06", null)]
    [TestCase("statuses/change-acceptance_15.edxml", "15", null)]
    public void Statuses_carry_what_the_file_says(string name, string code, string? time)
    {
        var s = Read(name).Status!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(s.StatusCode, Is.EqualTo(code));
            Assert.That(s.From.OrganId, Is.EqualTo("000.00.00.H41"));
            Assert.That(s.ResponseFor.OrganId, Is.EqualTo("000.00.00.G22"));
            Assert.That(s.ResponseFor.Code, Is.EqualTo("7816/VPCP-TTĐT"));
            Assert.That(
                s.ResponseFor.DocumentId,
                Is.EqualTo("000.00.00.G22,2015/09/30,7816/VPCP-TTĐT")
            );
            Assert.That(s.Timestamp!.Value.Time, Is.Not.Null);
            if (time is not null)
                Assert.That(s.Timestamp.Value.Time, Is.EqualTo(DateTimeOffset.Parse(time)));
        }
    }

    [Test]
    public void The_hops_of_the_national_axis_are_read_with_their_gap()
    {
        var trace = Read("documents/national-axis-2025-three-hops.redacted.edxml").Document!.Trace;
        Assert.That(
            trace.Select(h => h.OrganId),
            Is.EqualTo(new[] { "020100107370", null, "02.29.W00" })
        );
        Assert.That(trace[2].Code!.Value.Form, Is.EqualTo(AgencyCodeForm.Axis));
        Assert.That(trace[2].Timestamp!.Value.Text, Is.EqualTo("2025/10/13 10:40:04"));
    }

    [Test]
    public void The_update_names_its_target_and_its_recipients()
    {
        var business = Read("documents/vnpt-update.edxml").Document!.Business;
        Assert.That(business.Type, Is.EqualTo(BusinessType.Update));
        Assert.That(business.DocumentId, Is.EqualTo("000.00.00.G22,2014/02/30,7806/VPCP-TTĐT"));
        Assert.That(business.ReceiversAdded, Is.EqualTo(new[] { "000.00.00.H14" }));
        Assert.That(business.ReceiversRemoved, Is.EqualTo(new[] { "000.00.00.H41" }));
        Assert.That(business.StaffInfo!.Staff, Is.EqualTo("Nguyễn Thị Ngọc Trâm"));
    }

    [Test]
    public void The_recall_and_the_new_letter_say_so()
    {
        Assert.That(
            Read("documents/vnpt-recall.edxml").Document!.Business.Type,
            Is.EqualTo(BusinessType.Recall)
        );
        Assert.That(
            Read("documents/vnpt-new.edxml").Document!.Business.Type,
            Is.EqualTo(BusinessType.New)
        );
        Assert.That(Read("documents/vnpt-new.edxml").Signature.InHeader);
    }

    [Test]
    public void The_PDF_that_is_a_ZIP_opens_to_a_PDF()
    {
        const string name = "documents/gateway-2025-pdf-is-zip.edxml";
        var facts = Read(name).Attachments.Single();
        Assert.That(facts.DeclaredType, Is.EqualTo("application/pdf"));
        Assert.That(facts.Kind, Is.EqualTo(ContentKind.Zip));
        using var stream = AttachmentStream.Open(
            new MemoryStream(SampleFiles.Require(name)),
            facts
        );
        using var zip = new MemoryStream();
        stream.CopyTo(zip);
        using var inner = ZipUnwrap.TryOpen(zip, UnpackLimits.Default);
        var head = new byte[5];
        inner!.Content.ReadExactly(head);
        Assert.That(head, Is.EqualTo("%PDF-"u8.ToArray()));
    }

    [Test]
    public void Writing_a_real_letter_again_loses_nothing()
    {
        foreach (
            var name in SampleFiles
                .All()
                .Where(n => n.StartsWith("documents", StringComparison.Ordinal))
        )
        {
            var original = Read(name).Document!;
            using var output = new MemoryStream();
            PackageWriter
                .WriteAsync(new DocumentDraft { Header = original }, output, CancellationToken.None)
                .GetAwaiter()
                .GetResult();
            var again = PackageReader.Read(output.ToArray(), ReadLimits.Default).Document!;
            Assert.That(
                System.Text.Json.JsonSerializer.Serialize(again),
                Is.EqualTo(
                    System.Text.Json.JsonSerializer.Serialize(original with { Manifest = [] })
                ),
                name
            );
        }
    }
}
