using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Make;

/// <summary>Reads the description of a status package.</summary>
internal static class DescribedStatus
{
    public static StatusDraft Read(Members members)
    {
        var from = CommonMembers.Sender(members);
        var response = members.Object("responseFor", CommonMembers.Response);
        if (response is null)
        {
            members.Add(MakeProblem.Missing(members.PathOf("responseFor")));
        }

        var code = members.Required("statusCode");
        return new StatusDraft
        {
            Header = new StatusHeader
            {
                From = from,
                ResponseFor = response ?? new ResponseFor(),
                StatusCode = code,
                StatusCodeText = code,
                Description = members.Text("description") ?? Format.StatusName(code),
                Timestamp = members.Time("timestamp") ?? EdTimestamp.Of(Format.Now),
                StaffInfo = members.Object("staffInfo", CommonMembers.Staff),
            },
        };
    }
}
