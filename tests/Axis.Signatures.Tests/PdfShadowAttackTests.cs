using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>Shadow attacks, and additions that are made to cost a verifier dearly.</summary>
internal sealed class PdfShadowAttackTests : PdfChangesTest
{
    /// <summary>Shadow attack: the page refers to content that is not there yet when it is signed.</summary>
    [Test]
    public async Task An_object_that_was_missing_when_signed_and_came_later_is_a_change()
    {
        var objects = PdfFile.Objects();
        objects[3] = objects[3]
            .Replace("/Contents 6 0 R", "/Contents [6 0 R 50 0 R]", StringComparison.Ordinal);
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(objects),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        Changed(
            PdfFile.Append(
                pdf,
                new Dictionary<int, string> { [50] = PdfFile.Stream("BT (So 16) Tj ET") }
            ),
            "Object 50 "
        );
    }

    /// <summary>Shadow attack: the signed table of objects points to bytes that are yet to come.</summary>
    [Test]
    public async Task A_place_behind_the_end_that_is_filled_later_is_a_change()
    {
        var unsigned = Encoding.Latin1.GetString(PdfFile.Write(PdfFile.Objects()));
        var at = unsigned.IndexOf("\n6 1\n", StringComparison.Ordinal) + 5;
        var place = (unsigned.Length + 5).ToString("D10", CultureInfo.InvariantCulture);
        var pdf = await PdfFile.FillInAsync(
            Encoding.Latin1.GetBytes(unsigned[..at] + place + unsigned[(at + 10)..]),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        Changed(
            PdfFile.Append(pdf, new Dictionary<int, string> { [20] = PdfFile.Objects()[6] }),
            "Object 6 "
        );
    }

    /// <summary>Shadow attack: two objects lie in the signed file, and a later table tells programs to take the other one.</summary>
    [Test]
    public async Task A_table_that_takes_another_object_of_the_signed_file_is_a_change()
    {
        var objects = PdfFile.Objects();
        objects[10] = PdfFile.Stream("BT (So 16) Tj ET");
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(objects),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        var text = Encoding.Latin1.GetString(pdf);
        var place = text.IndexOf("10 0 obj", StringComparison.Ordinal) + 1;
        Changed([
            .. pdf,
            .. Encoding.ASCII.GetBytes(
                $"xref\n6 1\n{place:D10} 00000 n \ntrailer\n<< /Size 100 /Root 1 0 R /Prev {PdfFile.NewestReferences(pdf)} >>\nstartxref\n{pdf.Length}\n%%EOF\n"
            ),
        ]);
    }

    /// <summary>The field of a trusted signature may not be doubled to lay something over the page.</summary>
    [Test]
    public async Task A_second_field_for_a_trusted_signature_is_a_change()
    {
        var twice = await PdfFile.SignAgainAsync(Signed, Province.Agency);
        var pdf = PdfFile.Append(
            twice,
            new Dictionary<int, string>
            {
                [1] =
                    "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R 8 0 R 20 0 R] /SigFlags 3 >> >>",
                [20] =
                    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S3) /V 9 0 R /Rect [0 0 595 842] /AP << /N 6 0 R >> >>",
            }
        );
        Changed(pdf);
        Assert.That(
            Verify(pdf).Select(one => one.Coverage),
            Is.All.EqualTo(PdfCoverage.LaterChanges)
        );
    }

    /// <summary>
    /// Among them those that ask for a preset dictionary (RFC 1950 section 2.2), for which the platform's inflater throws an
    /// exception that means a failing disk anywhere else.
    /// </summary>
    [Test]
    public void A_compressed_stream_that_no_inflater_takes_is_a_change()
    {
        using var packed = new MemoryStream();
        using (var deflater = new ZLibStream(packed, CompressionLevel.Fastest, true))
            deflater.Write(new byte[700]);
        var stream = packed.ToArray();
        foreach (var second in (byte[])[0x20, 0x3F, 0x7D, 0xBB, 0xFF, 0x00])
        {
            stream[1] = second;
            Changed(WithReferences(stream), "is damaged");
        }
        stream[0] = 0xFF;
        Changed(WithReferences(stream), "is damaged");
        Changed(WithReferences([0x78, 0x20, 0, 0, 0, 1, .. stream[2..]]), "is damaged");
        Changed(WithReferences([0x78]), "");
    }

    /// <summary>Fifteen kilobytes whose table names the same objects sixteen million times.</summary>
    [Test]
    public void References_without_number_are_not_read_to_their_end()
    {
        const int rows = 16 * 1024 * 1024;
        using var packed = new MemoryStream();
        using (var deflater = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflater.Write(new byte[rows]);
        var index = string.Concat(Enumerable.Repeat("0 65536 ", rows / 65536));
        Changed(WithReferences(packed.ToArray(), $"/W [1 0 0] /Index [{index}]"), "are too many");
    }

    [Test]
    public async Task Compressed_objects_without_number_are_not_listed_to_their_end()
    {
        const int count = 2_500_000;
        var listed = new StringBuilder();
        for (var number = 1; number <= count; number++)
            listed.Append(CultureInfo.InvariantCulture, $"{number} 0 ");
        using var packed = new MemoryStream();
        await using (
            var deflater = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)
        )
            await deflater.WriteAsync(
                Encoding.ASCII.GetBytes(listed.ToString()).AsMemory(0, 15 << 20)
            );
        var container = Encoding.Latin1.GetString(packed.ToArray());
        var stream =
            $"<< /Type /ObjStm /N {count} /First 0 /Filter /FlateDecode /Length {container.Length} >>\nstream\n{container}\nendstream";
        var with = With((40, stream));
        byte[] rows = [2, 0, 0, 0, 40, 0, 0];
        byte[] pdf =
        [
            .. with,
            .. Encoding.ASCII.GetBytes(
                $"41 0 obj\n<< /Type /XRef /Size 100 /W [1 4 2] /Index [1 1] /Root 1 0 R /Prev {PdfFile.NewestReferences(with)} /Length {rows.Length} >>\nstream\n"
            ),
            .. rows,
            .. Encoding.ASCII.GetBytes($"\nendstream\nendobj\nstartxref\n{with.Length}\n%%EOF\n"),
        ];
        Changed(pdf, "are too many");
    }

    private byte[] WithReferences(byte[] packed, string rows = "/W [1 4 2]") =>
        [
            .. Signed,
            .. Encoding.ASCII.GetBytes(
                $"30 0 obj\n<< /Type /XRef /Size 100 {rows} /Root 1 0 R /Prev {PdfFile.NewestReferences(Signed)} /Filter /FlateDecode /Length {packed.Length} >>\nstream\n"
            ),
            .. packed,
            .. Encoding.ASCII.GetBytes($"\nendstream\nendobj\nstartxref\n{Signed.Length}\n%%EOF\n"),
        ];

    [Test]
    public void A_compressed_stream_that_unpacks_to_gigabytes_costs_little()
    {
        using var packed = new MemoryStream();
        using (var deflater = new ZLibStream(packed, CompressionLevel.SmallestSize, true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 1024; i++)
                deflater.Write(zeros);
        }
        var pdf = WithReferences(packed.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Changed(pdf, "unpacks to too much");
        Assert.That(
            GC.GetAllocatedBytesForCurrentThread() - before,
            Is.LessThan(256 * 1024 * 1024)
        );
    }

    /// <summary>Each object is a string that begins inside the one before it, so that each is as long as all that follow.</summary>
    [Test]
    public async Task Objects_inside_each_other_do_not_cost_their_number_squared()
    {
        const int count = 2_500;
        var nested = new StringBuilder("(");
        for (var number = 101; number <= 100 + count; number++)
            nested.Append(
                CultureInfo.InvariantCulture,
                $"{number} 0 obj\n({new string('x', 600)}\n"
            );
        var objects = PdfFile.Objects();
        objects[100] = nested.Append(')', count + 1).ToString();
        var file = Encoding.Latin1.GetString(PdfFile.Write(objects));
        var table = new StringBuilder($"xref\n101 {count}\n");
        var at = file.IndexOf("101 0 obj", StringComparison.Ordinal);
        for (var number = 101; number <= 100 + count; number++)
        {
            at = file.IndexOf($"{number} 0 obj", at, StringComparison.Ordinal);
            table.Append(CultureInfo.InvariantCulture, $"{at:D10} 00000 n \n");
        }
        var previous = PdfFile.NewestReferences(Encoding.Latin1.GetBytes(file));
        var pdf = await PdfFile.FillInAsync(
            Encoding.Latin1.GetBytes(
                $"{file}{table}trailer\n<< /Size 9999 /Root 1 0 R /Prev {previous} >>\nstartxref\n{file.Length}\n%%EOF\n"
            ),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        Changed(
            PdfFile.Append(pdf, new Dictionary<int, string> { [90] = "<< >>" }),
            "costs too much"
        );
    }

    [Test]
    public void Random_damage_to_what_was_added_gives_verdicts_and_never_throws()
    {
        var pdf = With((6, PdfFile.Stream("BT (So 16) Tj ET")));
        var random = new Random(11);
        for (var i = 0; i < 500; i++)
        {
            var damaged = pdf[..random.Next(Signed.Length + 1, pdf.Length + 1)];
            for (var n = random.Next(4); n > 0; n--)
                damaged[random.Next(Signed.Length, damaged.Length)] = (byte)random.Next(256);
            Assert.That(() => Verify(damaged), Throws.Nothing);
        }
    }
}
