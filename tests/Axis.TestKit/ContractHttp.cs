using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Axis.TestKit;

/// <summary>One of the OpenAPI documents: its operations, and whether an answer of the hub is one it describes.</summary>
public sealed class ContractHttp(ContractFile file)
{
    public static ContractHttp Public { get; } = new(ContractFile.Load("openapi.yaml"));

    public static ContractHttp Vxp { get; } = new(ContractFile.Load("openapi-vxp.yaml"));

    public static ContractHttp Ops { get; } = new(ContractFile.Load("openapi-ops.yaml"));

    private static ContractNode Refused { get; } =
        ContractFile.Load("openapi.yaml").Follow("#/components/responses/NotFound") with
        {
            Place = "any refusal",
        };

    public ContractFile File => file;

    /// <summary>Verb in capitals and path template, with the place that describes it.</summary>
    public IEnumerable<(string Verb, string Path, ContractNode Operation)> Operations =>
        from path in file.Root["paths"]!.Members
        from member in path.Node.Members
        where member.Name is "get" or "post" or "put" or "patch" or "delete" or "head" or "options"
        select (member.Name.ToUpperInvariant(), path.Name, member.Node);

    /// <exception cref="ContractException">The answer is not as the contract describes it.</exception>
    public async Task HoldAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var request = answer.RequestMessage!;
        var said =
            $"{request.Method} {request.RequestUri!.PathAndQuery} was answered with {(int)answer.StatusCode} {answer.Content.Headers.ContentType}";
        var found = new List<string>();
        var described = ResponseTo(request, answer, found);
        if (described is not null)
        {
            foreach (var (name, header) in described["headers"]?.Members ?? [])
            {
                if (
                    header["required"]?.Text == "true"
                    && !answer.Headers.NonValidated.Contains(name)
                )
                {
                    found.Add($"the header {name} is missing ({described})");
                }
            }
            // The answer to HEAD has the headers of a body and no body.
            if (request.Method != HttpMethod.Head)
            {
                await CheckBodyAsync(described, answer.Content, found, cancellationToken);
            }
        }
        if (found.Count > 0)
        {
            throw new ContractException(
                $"{said}, which {file.Name} does not describe:\n  {string.Join("\n  ", found)}"
            );
        }
    }

    private ContractNode? ResponseTo(
        HttpRequestMessage request,
        HttpResponseMessage answer,
        List<string> found
    )
    {
        var asked = request.RequestUri!.AbsolutePath.TrimEnd('/').Split('/');
        var operation = Operations
            .Where(one => one.Verb == request.Method.Method && Matches(one.Path.Split('/'), asked))
            // A path without parameters goes before one with.
            .OrderBy(one => one.Path.Count(letter => letter == '{'))
            .Select(one => one.Operation)
            .FirstOrDefault();
        var status = ((int)answer.StatusCode).ToString();
        if (operation is null)
        {
            // What the contract does not know, the hub must refuse, and refuse like everything else.
            if (!status.StartsWith('4'))
            {
                found.Add("no such operation");
            }
            return Refused;
        }
        var response = operation["responses"]![status];
        if (response is null)
        {
            found.Add($"{operation} has no {status}");
        }
        return response;
    }

    private static bool Matches(string[] template, string[] asked) =>
        template.Length == asked.Length
        && template.Zip(asked).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);

    private static async Task CheckBodyAsync(
        ContractNode described,
        HttpContent content,
        List<string> found,
        CancellationToken cancellationToken
    )
    {
        MediaTypeHeaderValue? type = content.Headers.ContentType;
        if (described["content"] is not { } bodies)
        {
            if (type is not null || content.Headers.ContentLength > 0)
            {
                found.Add($"{described} has no body");
            }
            return;
        }
        if (type?.MediaType is not { } mediaType || bodies[mediaType] is not { } body)
        {
            found.Add($"{described} has {string.Join(", ", bodies.Names)}");
            return;
        }
        if (
            mediaType.EndsWith("json", StringComparison.Ordinal)
            && mediaType != "application/x-ndjson"
        )
        {
            await content.LoadIntoBufferAsync(cancellationToken);
            using var json = JsonDocument.Parse(
                await content.ReadAsByteArrayAsync(cancellationToken)
            );
            found.AddRange(ContractSchema.MismatchesOf(body["schema"]!, json.RootElement));
            CheckNumber(described, json.RootElement, found);
        }
        else if (mediaType == "text/plain" && body["schema"]!["pattern"] is not null)
        {
            await content.LoadIntoBufferAsync(cancellationToken);
            var text = JsonSerializer.SerializeToElement(
                await content.ReadAsStringAsync(cancellationToken)
            );
            found.AddRange(ContractSchema.MismatchesOf(body["schema"]!, text));
        }
    }

    /// <summary>The first error decides the status; the contract must name it there. The others may be of any.</summary>
    private static void CheckNumber(ContractNode described, JsonElement body, List<string> found)
    {
        if (
            body.ValueKind == JsonValueKind.Object
            && body.TryGetProperty("errors", out var errors)
            && errors.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            && first.GetProperty("code").GetString() is { } code
            // What the contract does not know is refused by whatever check comes first.
            && described != Refused
            && !NumbersIn(described).Any(number => Covers(number, code))
        )
        {
            found.Add($"{described} does not name {code}");
        }
    }

    /// <summary>The error numbers that a response names, such as <c>AXIS-2001</c> or <c>AXIS-1xxx</c>.</summary>
    public static IEnumerable<string> NumbersIn(ContractNode response) =>
        Regex
            .Matches(
                response["description"]!.Text!,
                "AXIS-[0-9]{1,4}x*",
                RegexOptions.NonBacktracking
            )
            .Select(number => number.Value);

    public static bool Covers(string number, string code) =>
        code.StartsWith(number.TrimEnd('x'), StringComparison.Ordinal);
}
