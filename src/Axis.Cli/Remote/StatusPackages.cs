using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Remote;

/// <summary>Writes status packages about a document that was received.</summary>
internal static class StatusPackages
{
    /// <param name="document">The header of the document reported about.</param>
    /// <param name="recipient">The code of the reporting agency as the document has it.</param>
    /// <param name="code">Two digits.</param>
    /// <param name="description">Null for the name of the status.</param>
    /// <param name="staff">Who did it; null when not to be named.</param>
    public static async Task<byte[]> WriteAsync(
        DocumentHeader document,
        string recipient,
        string code,
        string? description,
        StaffInfo? staff,
        CancellationToken cancellation
    )
    {
        var from =
            document.To.FirstOrDefault(party => party.OrganId == recipient)
            ?? new Party { OrganId = recipient };
        var now = Format.Now;
        var draft = new StatusDraft
        {
            Header = new StatusHeader
            {
                From = from,
                ResponseFor = new ResponseFor
                {
                    OrganId = document.From.OrganId,
                    OrganCode = document.From.Code,
                    Code = $"{document.CodeNumber}/{document.CodeNotation}",
                    PromulgationDate = document.PromulgationDate,
                    DocumentId = document.DocumentId,
                },
                StatusCode = code,
                StatusCodeText = code,
                Description = description ?? Format.StatusName(code),
                Timestamp = new EdTimestamp($"{now:yyyy/MM/dd HH:mm:ss}", now, DateForm.Standard),
                StaffInfo = staff,
            },
        };
        using var buffer = new MemoryStream();
        await PackageWriter.WriteAsync(draft, buffer, cancellation);
        return buffer.ToArray();
    }
}
