using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>What was added to a PDF after its signature, and what of it matters. The shadow attacks are among them.</summary>
internal sealed class PdfLaterChangesTests
{
    private const string Overlay =
        "<< /Type /Annot /Subtype /Stamp /Rect [0 0 595 842] /P 3 0 R /AP << /N 6 0 R >> >>";

    private static byte[] s_signed = [];

    private static readonly ChainJudge Chain = new([Province.Authority.Certificate]);

    [OneTimeSetUp]
    public async Task Sign() => s_signed = await PdfFile.SignAsync(Province.Agency);

    private static IReadOnlyList<PdfSignature> Verify(byte[] pdf)
    {
        using var stream = new MemoryStream(pdf);
        return new PdfSignatureVerifier().Verify(stream, Chain, Province.Now);
    }

    private static void Harmless(byte[] pdf)
    {
        var first = Verify(pdf)[0];
        Assert.That(first.Coverage, Is.EqualTo(PdfCoverage.LaterSignatures), first.Changes);
        Assert.That(
            PdfVerdict.Of(Verify(pdf)).Kind,
            Is.EqualTo(SignatureVerdictKind.NotYetChecked)
        );
    }

    private static void Changed(byte[] pdf, string reason = "")
    {
        var signatures = Verify(pdf);
        Assert.That(
            signatures[0].Coverage,
            Is.EqualTo(PdfCoverage.LaterChanges),
            "the attack was not seen"
        );
        Assert.That(signatures[0].Changes, Does.Contain(reason));
        Assert.That(signatures[0].ChangesVi, Is.Not.Empty);
        var verdict = PdfVerdict.Of(signatures);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Broken));
        Assert.That(verdict.Reason, Does.Contain("changed after it was signed"));
    }

    private static byte[] With(params (int Number, string Content)[] objects) =>
        PdfFile.Append(s_signed, objects.ToDictionary(one => one.Number, one => one.Content));

    private static string Page(string more) =>
        PdfFile.Objects()[3].Replace("/Annots [4 0 R]", more, StringComparison.Ordinal);

    [Test]
    public void Validation_data_are_harmless() =>
        Harmless(
            With(
                (
                    1,
                    "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> /DSS 20 0 R >>"
                ),
                (20, "<< /Type /DSS /Certs [21 0 R] /VRI << /AB << /Cert [21 0 R] >> >> >>"),
                (21, PdfFile.Stream("certificate"))
            )
        );

    [Test]
    public void Validation_data_that_grow_are_harmless()
    {
        var once = With(
            (
                1,
                "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> /DSS 20 0 R >>"
            ),
            (20, "<< /Certs [21 0 R] >>"),
            (21, PdfFile.Stream("certificate"))
        );
        Harmless(
            PdfFile.Append(
                once,
                new Dictionary<int, string>
                {
                    [20] = "<< /Certs [21 0 R 22 0 R] /CRLs [22 0 R] >>",
                    [22] = PdfFile.Stream("list"),
                }
            )
        );
    }

    [Test]
    public void Blanks_at_the_end_are_harmless() => Harmless([.. s_signed, .. "\r\n\0\0\n"u8]);

    [Test]
    public async Task The_date_of_the_last_change_is_harmless()
    {
        var objects = PdfFile.Objects();
        objects[12] = "<< /Producer (one) /ModDate (D:2026) >>";
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(objects),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        Harmless(
            PdfFile.Append(
                pdf,
                new Dictionary<int, string> { [12] = "<< /Producer (two) /ModDate (D:2027) >>" },
                trailer: "/Root 1 0 R /Info 12 0 R"
            )
        );
    }

    [Test]
    public void The_same_object_written_again_is_harmless() =>
        Harmless(With((7, "<</BaseFont/Helvet#69ca/Subtype/Type1/Type/Font>>")));

    [Test]
    public async Task A_signature_of_somebody_untrusted_is_a_change()
    {
        using var stranger = new DemoAuthority(
            Province.Now.AddYears(-1),
            Province.Now.AddYears(1),
            keySize: 2048
        );
        using var other = stranger.Issue(
            "H01.09",
            "Kẻ lạ",
            Province.Now.AddDays(-1),
            Province.Now.AddDays(1)
        );
        var twice = await PdfFile.SignAgainAsync(s_signed, other);
        var signatures = Verify(twice);
        Assert.Multiple(() =>
        {
            Assert.That(signatures[0].Coverage, Is.EqualTo(PdfCoverage.LaterChanges));
            Assert.That(signatures[0].Changes, Does.Contain("signed again"));
            Assert.That(PdfVerdict.Of(signatures).Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        });
        // Who is not trusted cannot vouch for what follows, nor for what else he changes.
        Changed(
            PdfFile.Append(
                twice,
                new Dictionary<int, string> { [6] = PdfFile.Stream("BT (So 16) Tj ET") }
            ),
            "Object "
        );
    }

    [Test]
    public void A_replaced_page_content_is_a_change() =>
        Changed(With((6, PdfFile.Stream("BT (So 16) Tj ET"))), "Object 6 ");

    [Test]
    public void A_page_that_points_to_other_content_is_a_change() =>
        Changed(
            With(
                (3, PdfFile.Objects()[3].Replace("6 0 R", "20 0 R", StringComparison.Ordinal)),
                (20, PdfFile.Stream("BT (So 16) Tj ET"))
            ),
            "Object 3 "
        );

    [Test]
    public void A_replaced_font_is_a_change() =>
        Changed(
            With((7, "<< /Type /Font /Subtype /Type3 /CharProcs << /A 6 0 R >> >>")),
            "Object 7 "
        );

    [Test]
    public void An_overlaid_annotation_is_a_change() =>
        Changed(With((3, Page("/Annots [4 0 R 20 0 R]")), (20, Overlay)), "Object 3 ");

    [Test]
    public void A_removed_annotation_is_a_change() => Changed(With((3, Page(""))), "Object 3 ");

    [Test]
    public void A_replaced_look_of_the_signature_field_is_a_change() =>
        Changed(
            With(
                (
                    4,
                    PdfFile
                        .Objects()[4]
                        .Replace(
                            "/Rect [0 0 0 0]",
                            "/Rect [0 0 595 842] /AP << /N 6 0 R >>",
                            StringComparison.Ordinal
                        )
                )
            ),
            "Object 4 "
        );

    [Test]
    public void Another_list_of_pages_is_a_change() =>
        Changed(
            With((2, "<< /Type /Pages /Kids [20 0 R] /Count 1 >>"), (20, PdfFile.Objects()[3])),
            "Object 2 "
        );

    [Test]
    public void An_action_on_opening_is_a_change() =>
        Changed(
            With(
                (
                    1,
                    "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> /OpenAction << /S /JavaScript /JS (x) >> >>"
                )
            ),
            "Object 1 "
        );

    [Test]
    public void A_form_field_without_a_signature_is_a_change() =>
        Changed(
            With(
                (
                    1,
                    "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R 20 0 R] /SigFlags 3 >> >>"
                ),
                (20, "<< /FT /Tx /T (total) /V (1000) /Subtype /Widget /Rect [0 0 595 842] >>")
            ),
            "Object 1 "
        );

    [Test]
    public async Task A_filled_in_form_field_is_a_change()
    {
        var objects = PdfFile.Objects();
        objects[1] = objects[1].Replace("[4 0 R]", "[4 0 R 12 0 R]", StringComparison.Ordinal);
        objects[12] = "<< /FT /Tx /T (total) /V (1) >>";
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(objects),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        Changed(
            PdfFile.Append(
                pdf,
                new Dictionary<int, string> { [12] = "<< /FT /Tx /T (total) /V (1000) >>" },
                // Called information about the document, it is a field of its form still.
                trailer: "/Root 1 0 R /Info 12 0 R"
            ),
            "Object 12 "
        );
    }

    [Test]
    public void A_removed_object_is_a_change() =>
        Changed(
            PdfFile.Append(s_signed, new Dictionary<int, string>(), freed: [6]),
            "Object 6 of the PDF was removed"
        );

    [Test]
    public void Another_root_is_a_change() =>
        Changed(
            PdfFile.Append(
                s_signed,
                new Dictionary<int, string> { [20] = "<< /Type /Catalog /Pages 2 0 R >>" },
                trailer: "/Root 20 0 R"
            ),
            "Root"
        );

    [Test]
    public void Cross_references_that_pass_the_signed_ones_by_are_a_change()
    {
        var pdf = With((20, "<< >>"));
        var text = Encoding.Latin1.GetString(pdf);
        var previous = PdfFile.NewestReferences(s_signed);
        Changed(
            Encoding.Latin1.GetBytes(
                text.Replace(
                    $"/Prev {previous}",
                    $"/Prev {"9".PadLeft(previous.Length, '0')}",
                    StringComparison.Ordinal
                )
            ),
            "pass the signed ones by"
        );
    }

    [Test]
    public void Cross_references_in_a_circle_are_a_change()
    {
        var pdf = With((20, "<< >>"));
        var newest = PdfFile.NewestReferences(pdf);
        var text = Encoding.Latin1.GetString(pdf);
        Changed(
            Encoding.Latin1.GetBytes(
                text.Replace(
                    $"/Prev {PdfFile.NewestReferences(s_signed)}",
                    $"/Prev {newest}",
                    StringComparison.Ordinal
                )
            ),
            "circle"
        );
    }

    [Test]
    public void Bytes_that_belong_to_no_revision_are_a_change() =>
        Changed([.. s_signed, .. "7 0 obj\n(shadow)\nendobj\n%%EOF\n"u8], "no revision");

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
        var twice = await PdfFile.SignAgainAsync(s_signed, Province.Agency);
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
        var start = s_signed.Length;
        byte[] pdf =
        [
            .. s_signed,
            .. Encoding.ASCII.GetBytes(
                $"30 0 obj\n<< /Type /XRef /Size 100 /W [1 4 2] /Root 1 0 R /Prev {PdfFile.NewestReferences(s_signed)} /Filter /FlateDecode /Length {packed.Length} >>\nstream\n"
            ),
            .. packed.ToArray(),
            .. Encoding.ASCII.GetBytes($"\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n"),
        ];
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
            var damaged = pdf[..random.Next(s_signed.Length + 1, pdf.Length + 1)];
            for (var n = random.Next(4); n > 0; n--)
                damaged[random.Next(s_signed.Length, damaged.Length)] = (byte)random.Next(256);
            Assert.That(() => Verify(damaged), Throws.Nothing);
        }
    }
}
