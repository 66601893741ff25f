namespace Axis.EdXml.Tests;

[TestFixture]
public class DocumentReadingTests
{
    [Test]
    public void Every_element_of_a_letter_is_read()
    {
        var d = Fixture.Read(Fixture.Document).Document!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(d.From.OrganId, Is.EqualTo("H99.01"));
            Assert.That(d.From.Code!.Value.Form, Is.EqualTo(AgencyCodeForm.Qd20));
            Assert.That(d.From.OrganizationInCharge, Is.EqualTo("UBND tỉnh Mẫu"));
            Assert.That(d.From.OrganName, Is.EqualTo("Sở Thử nghiệm"));
            Assert.That(d.From.OrganAdd, Is.EqualTo("Số 1 đường Mẫu"));
            Assert.That(d.From.Email, Is.EqualTo("thu@mau.vn"));
            Assert.That(d.From.Telephone, Is.EqualTo("0123 456789"));
            Assert.That(d.From.Fax, Is.EqualTo("0123 456780"));
            Assert.That(d.From.Website, Is.EqualTo("mau.vn"));
            Assert.That(
                d.To.Select(t => t.OrganId),
                Is.EqualTo(new[] { "H99.02", "000.00.03.H99" })
            );
            Assert.That(d.To[1].Code!.Value.Form, Is.EqualTo(AgencyCodeForm.Old));
            Assert.That(d.DocumentId, Is.EqualTo("H99.01,2026/03/02,15/STN-VP"));
            Assert.That((d.CodeNumber, d.CodeNotation), Is.EqualTo(("15", "STN-VP")));
            Assert.That(d.Place, Is.EqualTo("Mẫu"));
            Assert.That(d.PromulgationDate!.Value.Date, Is.EqualTo(new DateOnly(2026, 3, 2)));
            Assert.That(d.DocumentType.Type, Is.EqualTo(EdNumber.Of(2)));
            Assert.That(d.DocumentType.TypeDetail, Is.EqualTo(EdNumber.Of(18)));
            Assert.That(d.DocumentType.TypeName, Is.EqualTo("Công văn"));
            Assert.That(d.Subject, Is.EqualTo("Về việc thử nghiệm & kiểm tra"));
            Assert.That(d.Content, Is.EqualTo("Nội dung"));
            Assert.That(d.Signer.Competence, Is.EqualTo("KT. GIÁM ĐỐC"));
            Assert.That(d.Signer.Position, Is.EqualTo("Phó Giám đốc"));
            Assert.That(d.Signer.FullName, Is.EqualTo("Nguyễn Văn Mẫu"));
            Assert.That(d.DueDate, Is.EqualTo(EdDate.Of(new DateOnly(2026, 3, 20))));
            Assert.That(d.ToPlaces, Is.EqualTo(new[] { "Như trên", "Lưu VT" }));
            Assert.That(d.OtherInfo.Priority, Is.EqualTo(1));
            Assert.That(d.OtherInfo.SphereOfPromulgation, Is.EqualTo("Nội bộ"));
            Assert.That(d.OtherInfo.TyperNotation, Is.EqualTo("VT"));
            Assert.That(d.OtherInfo.PromulgationAmount, Is.EqualTo(EdNumber.Of(2)));
            Assert.That(d.OtherInfo.PageAmount, Is.EqualTo(EdNumber.Of(3)));
            Assert.That(d.OtherInfo.Direction, Is.EqualTo("false"));
            Assert.That(d.OtherInfo.Appendixes, Is.EqualTo(new[] { "Phụ lục I" }));
            Assert.That(d.ResponseFor.Single().Code, Is.EqualTo("7/SN-VP"));
            Assert.That(d.ResponseFor.Single().OrganCode!.Value.Value, Is.EqualTo("H99.02"));
            Assert.That(d.ResponseFor.Single().DocumentId, Is.EqualTo("H99.02,2026/02/01,7/SN-VP"));
            Assert.That(
                d.ResponseFor.Single().PromulgationDate!.Value.Date,
                Is.EqualTo(new DateOnly(2026, 2, 1))
            );
            Assert.That(d.SteeringType, Is.EqualTo(EdNumber.Of(0)));
            Assert.That(d.TaskCodes, Is.EqualTo(new[] { "NV-1" }));
            Assert.That(d.Trace.Single().OrganId, Is.EqualTo("H99.01"));
            Assert.That(
                d.Trace.Single().Timestamp!.Value.Time,
                Is.EqualTo(new DateTimeOffset(2026, 3, 2, 8, 15, 30, TimeSpan.FromHours(7)))
            );
            Assert.That(d.Business.Present);
            Assert.That(d.Business.Type, Is.EqualTo(BusinessType.New));
            Assert.That(d.Business.Reason, Is.EqualTo("Văn bản mới"));
            Assert.That(d.Business.Paper, Is.EqualTo("0"));
            Assert.That(
                d.Business.StaffInfo,
                Is.EqualTo(
                    new StaffInfo
                    {
                        Department = "Văn thư",
                        Staff = "Trần Thị Thử",
                        Mobile = "0900000000",
                        Email = "vt@mau.vn",
                    }
                )
            );
            Assert.That(d.Manifest.Single().ContentId, Is.EqualTo("cid:tep-1"));
            Assert.That(d.Manifest.Single().ContentType, Is.EqualTo("application/pdf"));
            Assert.That(d.Manifest.Single().AttachmentName, Is.EqualTo("công văn.pdf"));
            Assert.That(d.Unknown, Is.Empty);
        }
    }

    [Test]
    public void Every_element_of_a_status_is_read()
    {
        var reading = Fixture.Read(Fixture.Status);
        var s = reading.Status!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reading.Kind, Is.EqualTo(PackageKind.Status));
            Assert.That(s.From.OrganId, Is.EqualTo("H99.02"));
            Assert.That(s.ResponseFor.OrganId, Is.EqualTo("H99.01"));
            Assert.That(s.ResponseFor.Code, Is.EqualTo("15/STN-VP"));
            Assert.That(s.ResponseFor.DocumentId, Is.EqualTo("H99.01,2026/03/02,15/STN-VP"));
            Assert.That(s.StatusCode, Is.EqualTo("01"));
            Assert.That(s.Description, Is.EqualTo("Văn thư: Đã đến, phần mềm đã nhận"));
            Assert.That(
                s.Timestamp!.Value.Time,
                Is.EqualTo(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.FromHours(7)))
            );
            Assert.That(s.StaffInfo!.Staff, Is.EqualTo("Lê Văn Nhận"));
        }
    }

    [Test]
    public void An_update_names_added_and_removed_recipients()
    {
        var business = Fixture.Read(Variants.Update("1")).Document!.Business;
        Assert.That(business.Type, Is.EqualTo(BusinessType.Update));
        Assert.That(business.ReceiversAdded, Is.EqualTo(new[] { "H99.07" }));
        Assert.That(business.ReceiversRemoved, Is.EqualTo(new[] { "H99.02" }));
        Assert.That((business.DocumentInfo, business.DocumentReceiver), Is.EqualTo(("1", "1")));
    }

    [Test]
    public void A_replacement_names_what_it_replaces_and_for_whom()
    {
        var business = Fixture.Read(Variants.Replace("H99.01,2026/01/01,1/A")).Document!.Business;
        Assert.That(business.Type, Is.EqualTo(BusinessType.Replace));
        Assert.That(business.Replacements.Single().DocumentId, Is.EqualTo("H99.01,2026/01/01,1/A"));
        Assert.That(business.Replacements.Single().OrganIds, Is.EqualTo(new[] { "H99.02" }));
    }

    [Test]
    public void Hash_and_length_are_those_of_the_bytes()
    {
        var bytes = Fixture.Bytes(Fixture.Document);
        foreach (
            var reading in (PackageReading[])
                [PackageReader.Read(bytes, ReadLimits.Default), InPieces(bytes, 1)]
        )
        {
            Assert.That(
                reading.Sha256.ToArray(),
                Is.EqualTo(System.Security.Cryptography.SHA256.HashData(bytes))
            );
            Assert.That(reading.Length, Is.EqualTo(bytes.Length));
        }
    }

    internal static PackageReading InPieces(byte[] bytes, int piece)
    {
        using var reader = new PackageReader(ReadLimits.Default);
        for (var at = 0; at < bytes.Length; at += piece)
            reader.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        return reader.Complete();
    }

    [TestCase(1)]
    [TestCase(13)]
    [TestCase(1000)]
    public void The_reading_does_not_depend_on_how_the_bytes_are_cut(int piece)
    {
        foreach (
            var text in (string[])
                [Fixture.Document, Fixture.Status, Variants.Update("1"), Variants.Soap]
        )
        {
            var whole = Fixture.Read(text);
            Assert.That(Json(InPieces(Fixture.Bytes(text), piece)), Is.EqualTo(Json(whole)));
        }
    }

    internal static string Json(PackageReading reading) =>
        System.Text.Json.JsonSerializer.Serialize(reading);

    [Test]
    public async Task A_stream_reads_as_the_bytes_do()
    {
        var bytes = Fixture.Bytes(Fixture.Document);
        using var stream = new MemoryStream(bytes);
        var reading = await PackageReader.ReadAsync(
            stream,
            ReadLimits.Default,
            CancellationToken.None
        );
        Assert.That(Json(reading), Is.EqualTo(Json(PackageReader.Read(bytes, ReadLimits.Default))));
    }

    [Test]
    public void Completing_twice_gives_the_same_reading()
    {
        using var reader = new PackageReader(ReadLimits.Default);
        reader.Feed(Fixture.Bytes(Fixture.Status));
        var first = reader.Complete();
        Assert.That(reader.Complete(), Is.SameAs(first));
    }

    [Test]
    public void A_signature_is_located_and_so_is_the_place_for_one()
    {
        var plain = Fixture.Read(Fixture.Document).Signature;
        var end = Fixture.Bytes(Fixture.Document).AsSpan().IndexOf("</edXML:edXMLHeader>"u8);
        Assert.That(plain.Present, Is.False);
        Assert.That(plain.HeaderEnd, Is.EqualTo(end));

        const string signature =
            "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo/><Object><Signature/></Object></Signature>";
        var text = Fixture.Document.With(
            "</edXML:edXMLHeader>",
            signature + "</edXML:edXMLHeader>"
        );
        var signed = Fixture.Read(text).Signature;
        Assert.That(
            signed.Count,
            Is.EqualTo(2),
            "a nested Signature counts: it may be an attempt to confuse"
        );
        Assert.That(signed.InHeader);
        Assert.That(signed.Start, Is.EqualTo(end));
        Assert.That(signed.End, Is.EqualTo(end + signature.Length));
        Assert.That(signed.HeaderEnd, Is.EqualTo(signed.End));
    }

    [Test]
    public void A_second_consumer_sees_the_same_pass()
    {
        var counter = new TagCounter();
        using var reader = new PackageReader(ReadLimits.Default, counter);
        reader.Feed(Fixture.Bytes(Fixture.Document));
        reader.Complete();
        Assert.That(counter.Starts, Is.EqualTo(counter.Ends));
        Assert.That(counter.Starts, Is.EqualTo(Fixture.Document.Split("</").Length - 1));
    }

    private sealed class TagCounter : Xml.IXmlSink
    {
        public int Starts { get; private set; }
        public int Ends { get; private set; }

        public void StartElement(in Xml.XmlStartTag tag) => Starts++;

        public void EndElement(in Xml.XmlEndTag tag) => Ends++;

        public void Text(ReadOnlySpan<byte> raw) { }

        public void CData(ReadOnlySpan<byte> raw, bool last) { }

        public void Comment(ReadOnlySpan<byte> raw, bool last) { }

        public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data) { }
    }
}
