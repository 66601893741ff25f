namespace Axis.EdXml;

/// <summary>Writes the header elements in the order that most producers use.</summary>
internal static class HeaderWriter
{
    private const string P = "edXML:";

    internal static void Document(ElementWriter w, DocumentHeader header)
    {
        w.Open(P + "MessageHeader");
        Party(w, "From", header.From);
        foreach (var to in header.To)
            Party(w, "To", to);
        w.Leaf(P + "DocumentId", header.DocumentId);
        Group(w, "Code", ("CodeNumber", header.CodeNumber), ("CodeNotation", header.CodeNotation));
        Group(
            w,
            "PromulgationInfo",
            ("Place", header.Place),
            ("PromulgationDate", header.PromulgationDate?.Text)
        );
        Group(
            w,
            "DocumentType",
            ("Type", header.DocumentType.Type?.Text),
            ("TypeDetail", header.DocumentType.TypeDetail?.Text),
            ("TypeName", header.DocumentType.TypeName)
        );
        w.Leaf(P + "Subject", header.Subject);
        w.Leaf(P + "Content", header.Content);
        Group(
            w,
            "SignerInfo",
            ("Competence", header.Signer.Competence),
            ("Position", header.Signer.Position),
            ("FullName", header.Signer.FullName)
        );
        w.Leaf(P + "DueDate", header.DueDate?.Text);
        Other(w, header.OtherInfo);
        foreach (var response in header.ResponseFor)
            Response(w, response);
        w.Leaf(P + "SteeringType", header.SteeringType?.Text);
        w.Leaf(P + "ApplicationType", header.ApplicationType?.Text);
        Texts(w, "ToPlaces", "Place", header.ToPlaces);
        Texts(w, "ResponseForTask", "TaskCode", header.TaskCodes);
        w.Close(P + "MessageHeader");
        Trace(w, header);
    }

    internal static void Status(ElementWriter w, StatusHeader header)
    {
        w.Open(P + "MessageHeader");
        Party(w, "From", header.From);
        Response(w, header.ResponseFor);
        Staff(w, header.StaffInfo);
        w.Leaf(P + "StatusCode", header.StatusCode);
        w.Leaf(P + "Description", header.Description);
        w.Leaf(P + "Timestamp", header.Timestamp?.Text);
        w.Close(P + "MessageHeader");
    }

    private static void Party(ElementWriter w, string name, Party party)
    {
        w.Open(P + name);
        w.Leaf(P + "OrganId", party.OrganId);
        w.Leaf(P + "OrganizationInCharge", party.OrganizationInCharge);
        w.Leaf(P + "OrganName", party.OrganName);
        w.Leaf(P + "OrganAdd", party.OrganAdd);
        w.Leaf(P + "Email", party.Email);
        w.Leaf(P + "Telephone", party.Telephone);
        w.Leaf(P + "Fax", party.Fax);
        w.Leaf(P + "Website", party.Website);
        w.Close(P + name);
    }

    private static void Other(ElementWriter w, OtherInfo info)
    {
        (string, string?)[] leaves =
        [
            ("Priority", info.PriorityText?.Text),
            ("SphereOfPromulgation", info.SphereOfPromulgation),
            ("TyperNotation", info.TyperNotation),
            ("PromulgationAmount", info.PromulgationAmount?.Text),
            ("PageAmount", info.PageAmount?.Text),
            ("Direction", info.Direction),
        ];
        if (leaves.All(l => l.Item2 is null) && info.Appendixes.Count == 0)
            return;
        w.Open(P + "OtherInfo");
        foreach (var (name, value) in leaves)
            w.Leaf(P + name, value);
        Texts(w, "Appendixes", "Appendix", info.Appendixes);
        w.Close(P + "OtherInfo");
    }

    private static void Response(ElementWriter w, ResponseFor response)
    {
        w.Open(P + "ResponseFor");
        w.Leaf(P + "OrganId", response.OrganId);
        w.Leaf(P + "Code", response.Code);
        w.Leaf(P + "PromulgationDate", response.PromulgationDate?.Text);
        w.Leaf(P + "DocumentId", response.DocumentId);
        w.Close(P + "ResponseFor");
    }

    private static void Staff(ElementWriter w, StaffInfo? staff)
    {
        if (staff is null)
            return;
        w.Open(P + "StaffInfo");
        w.Leaf(P + "Department", staff.Department);
        w.Leaf(P + "DepartmentId", staff.DepartmentId);
        w.Leaf(P + "Staff", staff.Staff);
        w.Leaf(P + "StaffId", staff.StaffId);
        w.Leaf(P + "Mobile", staff.Mobile);
        w.Leaf(P + "Email", staff.Email);
        w.Close(P + "StaffInfo");
    }

    private static void Trace(ElementWriter w, DocumentHeader header)
    {
        if (header.Trace.Count == 0 && !header.Business.Present)
            return;
        w.Open(P + "TraceHeaderList");
        foreach (var hop in header.Trace)
        {
            w.Open(P + "TraceHeader");
            w.Leaf(P + "OrganId", hop.OrganId);
            w.Leaf(P + "Timestamp", hop.Timestamp?.Text);
            w.Close(P + "TraceHeader");
        }
        if (header.Business.Present)
            Business(w, header.Business);
        w.Close(P + "TraceHeaderList");
    }

    private static void Business(ElementWriter w, Business business)
    {
        w.Open(P + "Bussiness");
        w.Leaf(P + "DocumentId", business.DocumentId);
        w.Leaf(P + "BussinessDocType", business.TypeText?.Text ?? ((int)business.Type).ToString());
        w.Leaf(P + "BussinessDocReason", business.Reason);
        w.Leaf(P + "Paper", business.Paper);
        if (
            business.DocumentInfo is not null
            || business.DocumentReceiver is not null
            || business.Receivers.Count > 0
        )
        {
            w.Open(P + "BussinessDocumentInfo");
            w.Leaf(P + "DocumentInfo", business.DocumentInfo);
            w.Leaf(P + "DocumentReceiver", business.DocumentReceiver);
            Receivers(w, business.Receivers);
            w.Close(P + "BussinessDocumentInfo");
        }
        Replacements(w, business.Replacements);
        Staff(w, business.StaffInfo);
        w.Close(P + "Bussiness");
    }

    private static void Receivers(ElementWriter w, IReadOnlyList<ChangedReceiver> receivers)
    {
        if (receivers.Count == 0)
            return;
        w.Open(P + "ReceiverList");
        foreach (var receiver in receivers)
        {
            w.Open(P + "Receiver");
            w.Leaf(P + "OrganId", receiver.OrganId);
            w.Leaf(P + "ReceiverType", receiver.ReceiverType);
            w.Close(P + "Receiver");
        }
        w.Close(P + "ReceiverList");
    }

    private static void Replacements(ElementWriter w, IReadOnlyList<Replacement> replacements)
    {
        if (replacements.Count == 0)
            return;
        w.Open(P + "ReplacementInfoList");
        foreach (var replacement in replacements)
        {
            w.Open(P + "ReplacementInfo");
            w.Leaf(P + "DocumentId", replacement.DocumentId);
            Texts(w, "OrganIdList", "OrganId", replacement.OrganIds);
            w.Close(P + "ReplacementInfo");
        }
        w.Close(P + "ReplacementInfoList");
    }

    private static void Texts(
        ElementWriter w,
        string group,
        string name,
        IReadOnlyList<string> texts
    )
    {
        if (texts.Count == 0)
            return;
        w.Open(P + group);
        foreach (var text in texts)
            w.Leaf(P + name, text);
        w.Close(P + group);
    }

    private static void Group(
        ElementWriter w,
        string group,
        params ReadOnlySpan<(string Name, string? Value)> leaves
    )
    {
        var any = false;
        foreach (var leaf in leaves)
            any |= leaf.Value is not null;
        if (!any)
            return;
        w.Open(P + group);
        foreach (var (name, value) in leaves)
            w.Leaf(P + name, value);
        w.Close(P + group);
    }
}
