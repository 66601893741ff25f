using Axis.EdXml;

namespace Axis.Cli.Make;

/// <summary>Reads the description of a document package. Members are named as the elements are, with a small first letter.</summary>
internal static class DescribedDocument
{
    private const string BusinessTypes = "new, recall, update, replace (or 0, 1, 2, 3)";

    /// <param name="folder">Where relative file names start.</param>
    public static DocumentDraft Read(Members members, string folder)
    {
        var attachments = 0;
        return new DocumentDraft
        {
            Header = Header(members),
            Attachments = members.Objects(
                "attachments",
                one => DescribedAttachment.Read(one, folder, ++attachments),
                shorthand: DescribedAttachment.File
            ),
        };
    }

    private static DocumentHeader Header(Members members)
    {
        var code = members.Object(
            "code",
            one => new Pair(one.Text("codeNumber"), one.Text("codeNotation"))
        );
        var promulgation = members.Object(
            "promulgationInfo",
            one => new Promulgation(one.Text("place"), one.Date("promulgationDate"))
        );
        return new DocumentHeader
        {
            From = CommonMembers.Sender(members),
            To = members.Objects("to", CommonMembers.Party, shorthand: CommonMembers.OrganId),
            DocumentId = members.Text("documentId"),
            CodeNumber = code?.First,
            CodeNotation = code?.Second,
            Place = promulgation?.Place,
            PromulgationDate = promulgation?.Date,
            DocumentType =
                members.Object(
                    "documentType",
                    one => new DocumentType
                    {
                        Type = one.Number("type"),
                        TypeDetail = one.Number("typeDetail"),
                        TypeName = one.Text("typeName"),
                    }
                ) ?? new DocumentType(),
            Subject = members.Text("subject"),
            Content = members.Text("content"),
            Signer =
                members.Object(
                    "signerInfo",
                    one => new Signer
                    {
                        Competence = one.Text("competence"),
                        Position = one.Text("position"),
                        FullName = one.Text("fullName"),
                    }
                ) ?? new Signer(),
            DueDate = members.Date("dueDate"),
            ToPlaces = members.Texts("toPlaces"),
            OtherInfo = members.Object("otherInfo", Other) ?? new OtherInfo(),
            ResponseFor = members.Objects("responseFor", CommonMembers.Response),
            SteeringType = members.Number("steeringType"),
            ApplicationType = members.Number("applicationType"),
            TaskCodes = members.Texts("responseForTask"),
            Trace = members.Objects(
                "traceHeaderList",
                one => new TraceHop
                {
                    OrganId = one.Required(CommonMembers.OrganId),
                    Timestamp = one.Time("timestamp"),
                }
            ),
            Business = members.Object("business", Business) ?? new Business(),
        };
    }

    private static OtherInfo Other(Members members) =>
        new()
        {
            PriorityText = members.Number("priority"),
            SphereOfPromulgation = members.Text("sphereOfPromulgation"),
            TyperNotation = members.Text("typerNotation"),
            PromulgationAmount = members.Number("promulgationAmount"),
            PageAmount = members.Number("pageAmount"),
            Direction = members.Text("direction"),
            Appendixes = members.Texts("appendixes"),
        };

    private static Business Business(Members members)
    {
        var type = Type(members);
        return new Business
        {
            Present = true,
            Type = type,
            TypeText = EdNumber.Of((int)type),
            DocumentId = members.Text("documentId"),
            Reason = members.Text("reason"),
            Paper = members.Text("paper"),
            DocumentInfo = members.Text("documentInfo"),
            DocumentReceiver = members.Text("documentReceiver"),
            Receivers = members.Objects(
                "receivers",
                one => new ChangedReceiver(
                    one.Required(CommonMembers.OrganId),
                    one.Required("receiverType")
                )
            ),
            Replacements = members.Objects(
                "replacements",
                one => new Replacement(one.Required("documentId"), one.Texts("organIds"))
            ),
            StaffInfo = members.Object("staffInfo", CommonMembers.Staff),
        };
    }

    private static BusinessType Type(Members members)
    {
        const string name = "type";
        var text = members.Required(name);
        switch (text)
        {
            case "":
            case "new" or "0":
                return BusinessType.New;
            case "recall" or "1":
                return BusinessType.Recall;
            case "update" or "2":
                return BusinessType.Update;
            case "replace" or "3":
                return BusinessType.Replace;
            default:
                members.Add(MakeProblem.BadValue(members.PathOf(name), text, BusinessTypes));
                return BusinessType.New;
        }
    }

    private sealed record Pair(string? First, string? Second);

    private sealed record Promulgation(string? Place, EdDate? Date);
}
