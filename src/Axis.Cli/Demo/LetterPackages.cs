using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.EdXml;
using Axis.Signatures;

namespace Axis.Cli.Demo;

/// <summary>Makes the packages of the morning: written, signed with the demo keys, and one of them broken.</summary>
internal static class LetterPackages
{
    /// <summary>Stands in the subject of the letter that is changed after signing.</summary>
    public const string BrokenMark = "lần 1";

    public static async Task<byte[]> WriteAsync(
        Letter letter,
        string keyFolder,
        CancellationToken cancellation
    )
    {
        using var written = new MemoryStream();
        var draft = new DocumentDraft { Header = Header(letter), Attachments = letter.Attachments };
        await PackageWriter.WriteAsync(draft, written, cancellation);
        if (!letter.Signed)
        {
            return written.ToArray();
        }

        written.Position = 0;
        using var signed = new MemoryStream();
        using var signer = X509Certificate2.CreateFromPemFile(
            DemoKeys.CertificateFile(keyFolder, letter.From.Code),
            DemoKeys.KeyFile(keyFolder, letter.From.Code)
        );
        EnvelopeSigner.Sign(written, signer, signed);
        var bytes = signed.ToArray();
        if (letter.Broken)
        {
            var mark = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(BrokenMark));
            bytes[mark + Encoding.UTF8.GetByteCount(BrokenMark) - 1] = (byte)'2';
        }

        return bytes;
    }

    /// <summary>A PDF as far as its first and last bytes go, filled with noise that does not compress.</summary>
    public static AttachmentDraft Pdf(string name, int size) =>
        Attachment(
            name,
            "application/pdf",
            [.. "%PDF-1.7\n"u8, .. RandomNumberGenerator.GetBytes(size), .. "\n%%EOF\n"u8]
        );

    /// <summary>A Word document with one paragraph.</summary>
    public static AttachmentDraft Word(string name, string text)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(
                zip,
                "[Content_Types].xml",
                """
                <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>
                """
            );
            Add(
                zip,
                "_rels/.rels",
                """
                <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>
                """
            );
            Add(
                zip,
                "word/document.xml",
                $"""
                <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>
                """
            );
        }

        return Attachment(
            name,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            buffer.ToArray()
        );
    }

    private static void Add(ZipArchive zip, string name, string content)
    {
        using var entry = zip.CreateEntry(name).Open();
        entry.Write(Encoding.UTF8.GetBytes(content));
    }

    private static AttachmentDraft Attachment(string name, string type, byte[] content) =>
        new()
        {
            ContentId = $"cid:{Guid.CreateVersion7():n}",
            Name = name,
            ContentType = type,
            Description = name,
            Open = () => new MemoryStream(content, writable: false),
        };

    private static DocumentHeader Header(Letter letter)
    {
        var now = Format.Now;
        var today = $"{now:yyyy/MM/dd}";
        var sender = Party(letter.From, letter.From.Code);
        return new DocumentHeader
        {
            From = sender,
            To = [.. letter.To.Concat(letter.Named).Select(to => Party(to.Agency, to.Code))],
            DocumentId = letter.DocumentId,
            CodeNumber = letter.Number,
            CodeNotation = letter.Notation,
            Place = "An Giao",
            PromulgationDate = new EdDate(
                today,
                DateOnly.FromDateTime(now.DateTime),
                DateForm.Standard
            ),
            DocumentType = new DocumentType
            {
                Type = Number(1),
                TypeDetail = Number(0),
                TypeName = letter.TypeName,
            },
            Subject = letter.Subject,
            Content = letter.Subject,
            Signer = new Signer
            {
                Competence = "KT. THỦ TRƯỞNG",
                Position = "Phó Thủ trưởng",
                FullName = "Nguyễn Văn An",
            },
            ToPlaces = ["Như trên", "Lưu: VT"],
            OtherInfo = new OtherInfo
            {
                PriorityText = Number(letter.Priority),
                SphereOfPromulgation = "Trong tỉnh",
                TyperNotation = "VT",
                PromulgationAmount = Number(1),
                PageAmount = Number(2),
                Direction = "false",
            },
            Trace =
            [
                new TraceHop
                {
                    OrganId = sender.OrganId,
                    Code = sender.Code,
                    Timestamp = new EdTimestamp(
                        $"{now:yyyy/MM/dd HH:mm:ss}",
                        now,
                        DateForm.Standard
                    ),
                },
            ],
            Business = new Business
            {
                Present = true,
                Type = letter.Business,
                TypeText = Number((int)letter.Business),
                DocumentId = letter.About?.DocumentId,
                Reason = letter.Business switch
                {
                    BusinessType.Recall => "Thu hồi văn bản do có sai sót",
                    BusinessType.Update => "Cập nhật nơi nhận",
                    BusinessType.Replace => "Thay thế văn bản đã gửi",
                    _ => "Văn bản điện tử mới",
                },
                DocumentReceiver = letter.Business == BusinessType.Update ? "1" : null,
                Receivers =
                [
                    .. letter.Removed.Select(code => new ChangedReceiver(code, "0")),
                    .. letter.Business == BusinessType.Update
                        ? letter
                            .To.Where(to => letter.About!.To.All(had => had.Code != to.Code))
                            .Select(to => new ChangedReceiver(to.Code, "1"))
                        : [],
                ],
                Replacements =
                    letter.Business == BusinessType.Replace
                        ? [new Replacement(letter.About!.DocumentId, [])]
                        : [],
                Paper = "0",
                StaffInfo = new StaffInfo { Department = "Văn thư", Staff = "Trần Thị Bình" },
            },
        };
    }

    private static Party Party(DemoAgency agency, string code) =>
        new()
        {
            OrganId = code,
            Code = AgencyCode.TryParse(code, out var parsed) ? parsed : null,
            OrganizationInCharge = agency.InCharge,
            OrganName = agency.Name,
            Email = agency.Email.Length > 0 ? agency.Email : null,
        };

    private static EdNumber Number(int value) => new($"{value}", value);
}
