using Axis.EdXml;
using Axis.NationalSim.Catalogue;

namespace Axis.NationalSim.Provinces;

/// <summary>Status packages as offices of other provinces write them.</summary>
internal static class FarReports
{
    public static byte[] Write(
        DocumentHeader letter,
        string reporter,
        NationalAgency agency,
        Step step,
        bool withDocumentId,
        DateTimeOffset now
    ) =>
        Packages.Write(
            new StatusDraft
            {
                Header = new StatusHeader
                {
                    From = new Party { OrganId = reporter, OrganName = agency.Name },
                    ResponseFor = new ResponseFor
                    {
                        OrganId = letter.From.OrganId,
                        Code = $"{letter.CodeNumber}/{letter.CodeNotation}",
                        PromulgationDate = letter.PromulgationDate,
                        DocumentId = withDocumentId ? letter.DocumentId : null,
                    },
                    StatusCode = step.Code,
                    StatusCodeText = step.Code,
                    Description = step.Description,
                    Timestamp = EdTimestamp.Of(now),
                    StaffInfo = new StaffInfo { Department = "Văn thư", Staff = "Phạm Thị Dung" },
                },
            }
        );
}
