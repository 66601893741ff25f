using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>What was added to a PDF after its signature, and what of it matters.</summary>
internal sealed class PdfLaterChangesTests : PdfChangesTest
{
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
    public void Blanks_at_the_end_are_harmless() => Harmless([.. Signed, .. "\r\n\0\0\n"u8]);

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
        var twice = await PdfFile.SignAgainAsync(Signed, other);
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
            PdfFile.Append(Signed, new Dictionary<int, string>(), freed: [6]),
            "Object 6 of the PDF was removed"
        );

    [Test]
    public void Another_root_is_a_change() =>
        Changed(
            PdfFile.Append(
                Signed,
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
        var previous = PdfFile.NewestReferences(Signed);
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
                    $"/Prev {PdfFile.NewestReferences(Signed)}",
                    $"/Prev {newest}",
                    StringComparison.Ordinal
                )
            ),
            "circle"
        );
    }

    [Test]
    public void Bytes_that_belong_to_no_revision_are_a_change() =>
        Changed([.. Signed, .. "7 0 obj\n(shadow)\nendobj\n%%EOF\n"u8], "no revision");
}
