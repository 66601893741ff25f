namespace Axis.EdXml;

/// <summary>Builds the typed headers from the tree of a package.</summary>
internal sealed class HeaderBuilder(PackageTree tree, IReadOnlyList<Finding> findings)
{
    /// <summary>A status package reports; a document package carries a letter. Null without a MessageHeader.</summary>
    internal static PackageKind? KindOf(PackageTree tree, int messageHeader)
    {
        if (messageHeader < 0)
            return null;
        var letter =
            tree.Find(messageHeader, "To") >= 0
            || tree.Find(messageHeader, "Subject") >= 0
            || tree.Find(messageHeader, "DocumentId") >= 0
            || tree.Find(messageHeader, "Code") >= 0;
        var report =
            tree.Find(messageHeader, "StatusCode") >= 0
            || tree.Find(messageHeader, "ResponseFor") >= 0
            || tree.Find(messageHeader, "Timestamp") >= 0;
        return report && !letter ? PackageKind.Status : PackageKind.Document;
    }

    internal DocumentHeader Document(int header, int trace, int manifest)
    {
        var promulgation = tree.Find(header, "PromulgationInfo");
        var type = tree.Find(header, "DocumentType");
        var signer = tree.Find(header, "SignerInfo");
        var code = tree.Find(header, "Code");
        var to = new List<Party>();
        var responses = new List<ResponseFor>();
        var tasks = new List<string>();
        foreach (var child in tree.Children(header))
        {
            switch (tree[child].Spec?.Name)
            {
                case "To":
                    to.Add(Party(child));
                    break;
                case "ResponseFor":
                    responses.Add(ResponseFor(child));
                    break;
                case "ResponseForTask":
                    tasks.AddRange(Texts(child, "TaskCode"));
                    break;
            }
        }
        return new DocumentHeader
        {
            From = Party(tree.Find(header, "From")),
            To = to,
            DocumentId = tree.Value(header, "DocumentId"),
            CodeNumber = tree.Value(code, "CodeNumber"),
            CodeNotation = tree.Value(code, "CodeNotation"),
            Place = tree.Value(promulgation, "Place"),
            PromulgationDate = Date(promulgation, "PromulgationDate"),
            DocumentType = new DocumentType
            {
                Type = Number(type, "Type"),
                TypeDetail = Number(type, "TypeDetail"),
                TypeName = tree.Value(type, "TypeName"),
            },
            Subject = tree.Value(header, "Subject"),
            Content = tree.Value(header, "Content"),
            Signer = new Signer
            {
                Competence = tree.Value(signer, "Competence"),
                Position = tree.Value(signer, "Position"),
                FullName = tree.Value(signer, "FullName"),
            },
            DueDate = Date(header, "DueDate"),
            ToPlaces = Texts(tree.Find(header, "ToPlaces"), "Place"),
            OtherInfo = OtherInfo(tree.Find(header, "OtherInfo")),
            ResponseFor = responses,
            SteeringType = Number(header, "SteeringType"),
            ApplicationType = Number(header, "ApplicationType"),
            TaskCodes = tasks,
            Trace = Hops(trace),
            Business = Business(tree.Find(trace, "Bussiness")),
            Manifest = Manifest(manifest),
            Unknown = Unknown(),
        };
    }

    internal StatusHeader Status(int header)
    {
        var text = tree.Value(header, "StatusCode");
        return new StatusHeader
        {
            From = Party(tree.Find(header, "From")),
            ResponseFor = ResponseFor(tree.Find(header, "ResponseFor")),
            StatusCode = text is [>= '0' and <= '9'] ? "0" + text : text,
            StatusCodeText = text,
            Description = tree.Value(header, "Description"),
            Timestamp = Timestamp(header, "Timestamp"),
            StaffInfo = Staff(tree.Find(header, "StaffInfo")),
            Unknown = Unknown(),
        };
    }

    private Party Party(int node)
    {
        var id = tree.Value(node, "OrganId");
        return new Party
        {
            OrganId = id,
            Code = Code(id),
            OrganizationInCharge = tree.Value(node, "OrganizationInCharge"),
            OrganName = tree.Value(node, "OrganName"),
            OrganAdd = tree.Value(node, "OrganAdd"),
            Email = tree.Value(node, "Email"),
            Telephone = tree.Value(node, "Telephone"),
            Fax = tree.Value(node, "Fax"),
            Website = tree.Value(node, "Website"),
        };
    }

    private static AgencyCode? Code(string? text) =>
        AgencyCode.TryParse(text, out var code) ? code : null;

    private OtherInfo OtherInfo(int node) =>
        new()
        {
            PriorityText = Number(node, "Priority"),
            SphereOfPromulgation = tree.Value(node, "SphereOfPromulgation"),
            TyperNotation = tree.Value(node, "TyperNotation"),
            PromulgationAmount = Number(node, "PromulgationAmount"),
            PageAmount = Number(node, "PageAmount"),
            Direction = tree.Value(node, "Direction"),
            Appendixes = Texts(tree.Find(node, "Appendixes"), "Appendix"),
        };

    private ResponseFor ResponseFor(int node)
    {
        var id = tree.Value(node, "OrganId");
        return new ResponseFor
        {
            OrganId = id,
            OrganCode = Code(id),
            Code = tree.Value(node, "Code"),
            PromulgationDate = Date(node, "PromulgationDate"),
            DocumentId = tree.Value(node, "DocumentId"),
        };
    }

    private StaffInfo? Staff(int node) =>
        node < 0
            ? null
            : new StaffInfo
            {
                Department = tree.Value(node, "Department"),
                DepartmentId = tree.Value(node, "DepartmentId"),
                Staff = tree.Value(node, "Staff"),
                StaffId = tree.Value(node, "StaffId"),
                Mobile = tree.Value(node, "Mobile"),
                Email = tree.Value(node, "Email"),
            };

    private List<TraceHop> Hops(int trace)
    {
        var hops = new List<TraceHop>();
        foreach (var child in tree.Children(trace))
        {
            if (tree[child].Spec?.Name != "TraceHeader")
                continue;
            var id = tree.Value(child, "OrganId");
            hops.Add(
                new TraceHop
                {
                    OrganId = id,
                    Code = Code(id),
                    Timestamp = Timestamp(child, "Timestamp"),
                }
            );
        }
        return hops;
    }

    private Business Business(int node)
    {
        if (node < 0)
            return new Business();
        var type = Number(node, "BussinessDocType");
        var info = tree.Find(node, "BussinessDocumentInfo");
        var receivers = new List<ChangedReceiver>();
        foreach (var child in tree.Children(tree.Find(info, "ReceiverList")))
        {
            if (tree[child].Spec is not null)
                receivers.Add(
                    new ChangedReceiver(
                        tree.Value(child, "OrganId"),
                        tree.Value(child, "ReceiverType")
                    )
                );
        }
        var replacements = new List<Replacement>();
        foreach (var child in tree.Children(tree.Find(node, "ReplacementInfoList")))
        {
            if (tree[child].Spec is not null)
                replacements.Add(
                    new Replacement(
                        tree.Value(child, "DocumentId"),
                        Texts(tree.Find(child, "OrganIdList"), "OrganId")
                    )
                );
        }
        return new Business
        {
            Present = true,
            Type = type?.Value is >= 0 and <= 3
                ? (BusinessType)type.Value.Value!
                : BusinessType.New,
            TypeText = type,
            DocumentId = tree.Value(node, "DocumentId"),
            Reason = tree.Value(node, "BussinessDocReason"),
            Paper = tree.Value(node, "Paper"),
            DocumentInfo = tree.Value(info, "DocumentInfo"),
            DocumentReceiver = tree.Value(info, "DocumentReceiver"),
            Receivers = receivers,
            Replacements = replacements,
            StaffInfo = Staff(tree.Find(node, "StaffInfo")),
        };
    }

    private List<ManifestReference> Manifest(int node)
    {
        var references = new List<ManifestReference>();
        foreach (var child in tree.Children(node))
        {
            if (tree[child].Spec?.Name != "Reference")
                continue;
            references.Add(
                new ManifestReference
                {
                    ContentId = tree.Value(child, "ContentId"),
                    ContentType = tree.Value(child, "ContentType"),
                    Description = tree.Value(child, "Description"),
                    AttachmentName = tree.Value(child, "AttachmentName"),
                    Href = tree[child].Text,
                    Line = tree[child].Line,
                    Column = tree[child].Column,
                }
            );
        }
        return references;
    }

    private List<UnknownElement> Unknown()
    {
        var unknown = new List<UnknownElement>();
        for (var i = 1; i < tree.Count && unknown.Count < PackageRules.MaxFindings; i++)
        {
            ref var node = ref tree[i];
            if (node.Spec is null)
                unknown.Add(new UnknownElement(tree.PathOf(i), node.Text, node.Line, node.Column));
        }
        foreach (var finding in findings)
        {
            if (finding.Rule == Rules.StrayText)
                unknown.Add(
                    new UnknownElement(
                        finding.Path + "/text()",
                        finding.Value,
                        finding.Line,
                        finding.Column
                    )
                );
        }
        return unknown;
    }

    private List<string> Texts(int node, string name)
    {
        var texts = new List<string>();
        foreach (var child in tree.Children(node))
        {
            if (tree[child].Spec?.Name == name && PackageTree.Meaning(tree[child].Text) is { } text)
                texts.Add(text);
        }
        return texts;
    }

    private EdNumber? Number(int node, string name) =>
        tree.Value(node, name) is { } text ? EdValues.Number(text) : null;

    private EdDate? Date(int node, string name) =>
        tree.Value(node, name) is { } text ? EdValues.Date(text) : null;

    private EdTimestamp? Timestamp(int node, string name) =>
        tree.Value(node, name) is { } text ? EdValues.Timestamp(text) : null;
}
