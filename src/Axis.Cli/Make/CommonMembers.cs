using Axis.EdXml;

namespace Axis.Cli.Make;

/// <summary>What documents and statuses have in common.</summary>
internal static class CommonMembers
{
    public const string OrganId = "organId";

    /// <summary>The sender; only its code is required.</summary>
    public static Party Sender(Members members)
    {
        var before = members.ObjectOrText("from", OrganId, Party);
        if (before is null)
        {
            members.Add(MakeProblem.Missing(members.PathOf("from")));
        }

        return before ?? new Party();
    }

    public static Party Party(Members members)
    {
        var organId = members.Required(OrganId);
        return new Party
        {
            OrganId = organId,
            Code = AgencyCode.TryParse(organId, out var code) ? code : null,
            OrganizationInCharge = members.Text("organizationInCharge"),
            OrganName = members.Text("organName"),
            OrganAdd = members.Text("organAdd"),
            Email = members.Text("email"),
            Telephone = members.Text("telephone"),
            Fax = members.Text("fax"),
            Website = members.Text("website"),
        };
    }

    public static ResponseFor Response(Members members) =>
        new()
        {
            OrganId = members.Text(OrganId),
            Code = members.Text("code"),
            PromulgationDate = members.Date("promulgationDate"),
            DocumentId = members.Text("documentId"),
        };

    public static StaffInfo Staff(Members members) =>
        new()
        {
            Department = members.Text("department"),
            DepartmentId = members.Text("departmentId"),
            Staff = members.Text("staff"),
            StaffId = members.Text("staffId"),
            Mobile = members.Text("mobile"),
            Email = members.Text("email"),
        };
}
