using System.Text;
using Axis.EdXml;

namespace Axis.Hub.Statuses;

/// <summary>"7816/VPCP-TTĐT": number and notation, joined by the first slash.</summary>
public readonly record struct DocumentNumber(string Number, string Notation)
{
    /// <summary>As <c>document_number</c> keeps it: upper case, without blanks. Empty when there is nothing to match by.</summary>
    public string Key
    {
        get
        {
            if (Number.Length == 0 && Notation.Length == 0)
            {
                return "";
            }
            var key = new StringBuilder();
            foreach (var c in $"{Number}/{Notation}".Normalize(NormalizationForm.FormC))
            {
                if (!char.IsWhiteSpace(c))
                {
                    key.Append(char.ToUpperInvariant(c));
                }
            }
            return key.ToString();
        }
    }

    public static DocumentNumber Parse(string? text)
    {
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return slash < 0
            ? new DocumentNumber(text?.Trim() ?? "", "")
            : new DocumentNumber(text![..slash].Trim(), text[(slash + 1)..].Trim());
    }
}

/// <summary>A letter as somebody names it: by its id, else by number, notation and date of issue.</summary>
/// <param name="SenderAgencyId">Only letters of this agency are meant.</param>
/// <param name="DocumentId">Empty when not given.</param>
/// <param name="NumberKey">See <see cref="DocumentNumber.Key"/>; empty when not given.</param>
/// <param name="Date">Null when not given, or not a date.</param>
public sealed record LetterName(
    Guid SenderAgencyId,
    string DocumentId,
    string NumberKey,
    DateOnly? Date
)
{
    public static LetterName Of(Guid senderAgencyId, ResponseFor named)
    {
        var (number, date) = (DocumentNumber.Parse(named.Code).Key, named.PromulgationDate?.Date);
        // agency,date,number/notation: the usual form of a document id says the same as the code beside it.
        if (named.DocumentId?.Split(',', 3) is [_, var day, var code] && code.Contains('/'))
        {
            if (number.Length == 0)
            {
                number = DocumentNumber.Parse(code).Key;
            }
            date ??= EdDate.Parse(day.Trim()).Date;
        }
        return new LetterName(senderAgencyId, named.DocumentId ?? "", number, date);
    }

    public static LetterName Of(Guid senderAgencyId, string documentId) =>
        new(senderAgencyId, documentId, "", null);
}
