using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Events;

/// <summary>Which events: any of these narrows, none means all that the asker may see.</summary>
/// <param name="Types">Full names; null: any.</param>
/// <param name="AgencyId">The sender or the recipient of the letter.</param>
/// <param name="DeliveryId">The subject.</param>
/// <param name="PackageId">The letter: all its deliveries.</param>
public sealed record FeedFilter(
    IReadOnlyList<string>? Types = null,
    Guid? AgencyId = null,
    Guid? DeliveryId = null,
    Guid? PackageId = null
);

/// <summary>What was asked of the feed, read from the query: <c>after</c>, <c>limit</c>, <c>wait</c> and the filters.</summary>
/// <param name="After">Null: from the oldest in a list, from now on in a stream.</param>
public sealed record FeedQuestion(FeedPosition? After, FeedFilter Filter)
{
    public const string Latest = "latest";
    private const int MostTypes = 50;

    public static FeedQuestion Read(
        HttpRequest request,
        FeedPosition head,
        RegistrySnapshot registry,
        List<ErrorItem> errors
    )
    {
        var query = request.Query;
        var after =
            request.Headers["Last-Event-ID"].LastOrDefault() is { Length: > 0 } last
                ? Position("Last-Event-ID", last)
            : Text("after") is { } text
                ? text == Latest ? head
                    : Position("after", text)
            : null;
        string[] types =
        [
            .. query["type"]
                .SelectMany(one =>
                    (one ?? "").Split(
                        ',',
                        StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                    )
                )
                .Distinct(),
        ];
        if (types.Length > MostTypes || types.Any(type => type.Length > 100))
        {
            Refuse("type", string.Join(',', types), $"at most {MostTypes} event types");
        }
        Guid? agency = null;
        if (Text("agency") is { } code)
        {
            agency = registry.LastOwnerOf(code)?.Id;
            if (agency is null)
            {
                Refuse(
                    "agency",
                    code,
                    new Words(
                        "a code of an agency of the registry",
                        "mã của một cơ quan trong danh mục"
                    )
                );
            }
        }
        return new FeedQuestion(
            after,
            new FeedFilter(types.Length == 0 ? null : types, agency, Id("subject"), Id("letter"))
        );

        string? Text(string name) =>
            query[name].LastOrDefault() is { Length: > 0 } given ? given.Trim() : null;

        FeedPosition? Position(string name, string text)
        {
            var position = FeedPosition.Read(text);
            if (position is null)
            {
                Refuse(
                    name,
                    text,
                    new Words(
                        $"a cursor as answered in next, 0, or {Latest}",
                        $"con trỏ như trong next, 0, hoặc {Latest}"
                    )
                );
            }
            return position;
        }

        Guid? Id(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }
            if (Guid.TryParse(text, out var id))
            {
                return id;
            }
            Refuse(name, text, new Words("an id", "một mã UUID"));
            return null;
        }

        void Refuse(string name, string value, object expected) =>
            errors.Add(RequestErrors.BadParameter.At(name, value, name, expected));
    }
}
