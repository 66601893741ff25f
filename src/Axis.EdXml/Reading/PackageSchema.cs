namespace Axis.EdXml;

/// <summary>
/// Every element the reader knows, in every form of package, with the lengths of QCVN 102:2016/BTTTT as amended in
/// 2022 (OrganId 35) and of NĐ 30/2020 Annex VI. Order and prefixes do not matter.
/// </summary>
internal static class PackageSchema
{
    internal static readonly ElementSpec Document = Frame(
        "",
        StandardRoot(),
        SoapRoot(),
        FlatRoot()
    );

    private static ElementSpec StandardRoot() =>
        Frame(
            "edXML",
            Frame(
                "edXMLEnvelope",
                Frame("edXMLHeader", MessageHeader(), TraceHeaderList()),
                Frame("edXMLBody", Manifest("edXMLManifest")),
                WrongAttachments(),
                AttachmentEncoded()
            ),
            AttachmentEncoded(),
            WrongAttachments()
        );

    /// <summary>Công văn 2803/BTTTT: SOAP 1.1, attachments as MIME parts outside the XML.</summary>
    private static ElementSpec SoapRoot() =>
        Frame(
            "Envelope",
            Frame("Header", MessageHeader(), TraceHeaderList()),
            Frame("Body", Manifest("Manifest"), Manifest("edXMLManifest"))
        );

    private static ElementSpec FlatRoot() =>
        Frame("EdXMLEnvelope", MessageHeader(), FlatManifest());

    private static ElementSpec MessageHeader() =>
        Group(
            "MessageHeader",
            Party("From", repeats: false),
            Party("To", repeats: true),
            Leaf("DocumentId", 200),
            Group("Code", Leaf("CodeNumber", 11), Leaf("CodeNotation", 30)),
            Group(
                "PromulgationInfo",
                Leaf("Place", 50),
                Leaf("PromulgationDate", 10, ValueKind.Date)
            ),
            Group(
                "DocumentType",
                Leaf("Type", 0, ValueKind.Number),
                Leaf("TypeDetail", 0, ValueKind.Number),
                Leaf("TypeName", 100)
            ),
            Leaf("Subject", 500),
            Leaf("Content", 500),
            Group(
                "SignerInfo",
                Leaf("Competence", 100),
                Leaf("Position", 100),
                Leaf("FullName", 50)
            ),
            Leaf("DueDate", 10, ValueKind.Date),
            Group("ToPlaces", Leaves("Place", 150)),
            OtherInfo(),
            ResponseFor(),
            Leaf("SteeringType", 0, ValueKind.Number),
            new ElementSpec(
                "ResponseForTask",
                ValueKind.None,
                0,
                repeats: true,
                [Leaves("TaskCode", 0)]
            ),
            Leaf("ApplicationType", 0, ValueKind.Number),
            Leaf("StatusCode", 2),
            Leaf("Description", 500),
            Leaf("Timestamp", 19, ValueKind.Timestamp),
            StaffInfo()
        );

    private static ElementSpec Party(string name, bool repeats) =>
        new(
            name,
            ValueKind.None,
            0,
            repeats,
            [
                Leaf("OrganId", AgencyCode.MaxLength, ValueKind.Identifier),
                Leaf("OrganizationInCharge", 500),
                Leaf("OrganName", 200),
                Leaf("OrganAdd", 500),
                Leaf("Email", 100),
                Leaf("Telephone", 20),
                Leaf("Fax", 20),
                Leaf("Website", 100),
            ]
        );

    private static ElementSpec OtherInfo() =>
        Group(
            "OtherInfo",
            Leaf("Priority", 1, ValueKind.Number),
            Leaf("SphereOfPromulgation", 100),
            Leaf("TyperNotation", 10),
            Leaf("PromulgationAmount", 3, ValueKind.Number),
            Leaf("PageAmount", 3, ValueKind.Number),
            Leaf("Direction", 5),
            Group("Appendixes", Leaves("Appendix", 0))
        );

    private static ElementSpec ResponseFor() =>
        new(
            "ResponseFor",
            ValueKind.None,
            0,
            repeats: true,
            [
                Leaf("OrganId", AgencyCode.MaxLength, ValueKind.Identifier),
                Leaf("Code", 50),
                Leaf("PromulgationDate", 10, ValueKind.Date),
                Leaf("DocumentId", 200),
            ]
        );

    private static ElementSpec StaffInfo() =>
        Group(
            "StaffInfo",
            Leaf("Department", 300),
            Leaf("DepartmentId", 100),
            Leaf("Staff", 300),
            Leaf("StaffId", 100),
            Leaf("Mobile", 30),
            Leaf("Email", 100)
        );

    private static ElementSpec TraceHeaderList() =>
        Group(
            "TraceHeaderList",
            new ElementSpec(
                "TraceHeader",
                ValueKind.None,
                0,
                repeats: true,
                [
                    Leaf("OrganId", AgencyCode.MaxLength, ValueKind.Identifier),
                    Leaf("Timestamp", 19, ValueKind.Timestamp),
                ]
            ),
            Group(
                "Bussiness",
                Leaf("DocumentId", 200),
                Leaf("BussinessDocType", 1, ValueKind.Number),
                Leaf("BussinessDocReason", 500),
                Leaf("Paper", 1, ValueKind.Number),
                Group(
                    "BussinessDocumentInfo",
                    Leaf("DocumentInfo", 1, ValueKind.Number),
                    Leaf("DocumentReceiver", 1, ValueKind.Number),
                    Group("ReceiverList", Receiver())
                ),
                Group("ReplacementInfoList", ReplacementInfo()),
                StaffInfo()
            )
        );

    private static ElementSpec Receiver() =>
        new(
            "Receiver",
            ValueKind.None,
            0,
            repeats: true,
            [
                Leaf("OrganId", AgencyCode.MaxLength, ValueKind.Identifier),
                Leaf("ReceiverType", 1, ValueKind.Number),
            ]
        );

    private static ElementSpec ReplacementInfo() =>
        new(
            "ReplacementInfo",
            ValueKind.None,
            0,
            repeats: true,
            [
                Leaf("DocumentId", 200),
                Group(
                    "OrganIdList",
                    new ElementSpec(
                        "OrganId",
                        ValueKind.Identifier,
                        AgencyCode.MaxLength,
                        repeats: true,
                        []
                    )
                ),
            ]
        );

    private static ElementSpec Manifest(string name) =>
        Group(
            name,
            new ElementSpec(
                "Reference",
                ValueKind.None,
                0,
                repeats: true,
                [
                    Leaf("ContentId", 200),
                    Leaf("ContentType", 100),
                    Leaf("Description", 500),
                    Leaf("AttachmentName", 500),
                ]
            )
        );

    private static ElementSpec AttachmentEncoded() =>
        Group(
            "AttachmentEncoded",
            Attachment(
                Leaf("ContentId", 200),
                Leaf("AttachmentName", 500),
                Leaf("Description", 500),
                Leaf("FieldName", 100),
                Leaf("MimeType", 100),
                Leaf("ContentType", 100),
                Leaf("ContentTransferEncoded", 0, ValueKind.Data)
            )
        );

    /// <summary>What some gateways write inside the envelope; no receiver looks there.</summary>
    private static ElementSpec WrongAttachments() =>
        Group(
            "edXMLAttachments",
            Attachment(
                Leaf("AttachmentName", 500),
                Leaf("AttachmentType", 0),
                Leaf("AttachmentSize", 0, ValueKind.Number),
                Leaf("AttachmentData", 0, ValueKind.Data)
            )
        );

    private static ElementSpec FlatManifest() =>
        Group(
            "Manifest",
            Attachment(Leaf("FileName", 0), Leaf("FileType", 0), Leaf("Content", 0, ValueKind.Data))
        );

    private static ElementSpec Attachment(params ElementSpec[] fields) =>
        new("Attachment", ValueKind.None, 0, repeats: true, fields);

    private static ElementSpec Frame(string name, params ElementSpec[] children) =>
        new(name, ValueKind.None, 0, repeats: false, children) { IsFrame = true };

    private static ElementSpec Group(string name, params ElementSpec[] children) =>
        new(name, ValueKind.None, 0, repeats: false, children);

    private static ElementSpec Leaf(string name, int maxLength, ValueKind kind = ValueKind.Text) =>
        new(name, kind, maxLength, repeats: false, []);

    private static ElementSpec Leaves(string name, int maxLength) =>
        new(name, ValueKind.Text, maxLength, repeats: true, []);
}
