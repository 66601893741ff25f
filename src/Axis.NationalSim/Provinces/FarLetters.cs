using System.Globalization;
using System.Text;
using Axis.EdXml;
using Axis.NationalSim.Catalogue;
using Axis.NationalSim.Exchange;

namespace Axis.NationalSim.Provinces;

/// <summary>Document packages as other provinces write them.</summary>
internal static class FarLetters
{
    public static byte[] Write(
        LetterWish wish,
        NationalAgency sender,
        IReadOnlyList<NationalAgency> to,
        int number,
        DateTimeOffset now,
        FarSeal seal
    )
    {
        var draft = new DocumentDraft
        {
            Header = Header(wish, sender, to, number, now),
            Attachments = [Pdf(number, wish.AttachmentBytes)],
        };
        var package = Packages.Write(draft);
        return wish.WithSignature ? seal.Put(package, now) : package;
    }

    private static DocumentHeader Header(
        LetterWish wish,
        NationalAgency sender,
        IReadOnlyList<NationalAgency> to,
        int number,
        DateTimeOffset now
    )
    {
        var day = VietnamTime.DayOf(now);
        var from = wish.From ?? sender.Code;
        var (codeNumber, notation) = ($"{now.ToUnixTimeSeconds() % 100_000}{number:0000}", "VP-TH");
        var written = wish.DocumentId?.Split(',') is [.., var last] ? last.Split('/', 2) : [];
        if (wish.Business is BusinessType.Recall or BusinessType.Update && written.Length == 2)
        {
            (codeNumber, notation) = (written[0], written[1]);
        }
        var id = string.Create(
            CultureInfo.InvariantCulture,
            $"{from},{day:yyyy/MM/dd},{codeNumber}/{notation}"
        );
        return new DocumentHeader
        {
            From = Named(sender, from),
            To =
            [
                .. wish
                    .To.Zip(to)
                    .SelectMany(pair =>
                        wish.BothCodes && pair.Second.OldCode.Length > 0
                            ?
                            [
                                Named(pair.Second, pair.Second.Code),
                                Named(pair.Second, pair.Second.OldCode),
                            ]
                            : (Party[])[Named(pair.Second, pair.First)]
                    ),
            ],
            DocumentId = wish.Business is BusinessType.New or BusinessType.Replace
                ? id
                : wish.DocumentId ?? id,
            CodeNumber = codeNumber,
            CodeNotation = notation,
            Place = "Hà Nội",
            PromulgationDate = EdDate.Of(day),
            DocumentType = new DocumentType
            {
                Type = EdNumber.Of(1),
                TypeDetail = EdNumber.Of(0),
                TypeName = "Công văn",
            },
            Subject = wish.Subject,
            Content = wish.Subject,
            Signer = new Signer { Position = "Chánh Văn phòng", FullName = "Nguyễn Văn Bình" },
            OtherInfo = new OtherInfo
            {
                PriorityText = EdNumber.Of(wish.Priority),
                PromulgationAmount = EdNumber.Of(1),
                PageAmount = EdNumber.Of(1),
            },
            Trace = [new TraceHop { OrganId = from, Timestamp = EdTimestamp.Of(now) }],
            Business = new Business
            {
                Present = true,
                Type = wish.Business,
                TypeText = EdNumber.Of((int)wish.Business),
                Reason = wish.Business switch
                {
                    BusinessType.Recall => "Thu hồi do có sai sót",
                    BusinessType.Update => "Cập nhật nội dung",
                    BusinessType.Replace => "Thay thế văn bản đã gửi",
                    _ => "Văn bản điện tử mới",
                },
                DocumentId = wish.Business == BusinessType.Update ? wish.DocumentId : null,
                Replacements =
                    wish.Business == BusinessType.Replace
                        ? [new Replacement(wish.DocumentId, [])]
                        : [],
                Paper = "0",
                StaffInfo = new StaffInfo { Department = "Văn thư", Staff = "Phạm Thị Dung" },
            },
        };
    }

    private static Party Named(NationalAgency agency, string code) =>
        new()
        {
            OrganId = code,
            OrganName = agency.Name,
            Email = agency.Mail.Length > 0 ? agency.Mail : null,
        };

    private static AttachmentDraft Pdf(int number, int size)
    {
        var text = new StringBuilder("%PDF-1.7\n");
        for (var line = 0; text.Length < size; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"% {number} {line}\n");
        }
        var content = Encoding.ASCII.GetBytes(text.Append("%%EOF\n").ToString());
        return new AttachmentDraft
        {
            ContentId = $"cid:{number:d8}-1",
            Name = "Cong van.pdf",
            ContentType = "application/pdf",
            Open = () => new MemoryStream(content, writable: false),
        };
    }
}
