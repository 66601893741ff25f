using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Axis.TestKit;

/// <summary>A sender that uploads in pieces (tus 1.0), request by request.</summary>
public sealed class TusUpload(HttpClient client, Uri location)
{
    public Uri Location { get; } = location;

    public Guid Id => Guid.Parse(Location.OriginalString.Split('/')[^1]);

    public static async Task<TusUpload> CreateAsync(HttpClient client, long length)
    {
        using var answer = await TryCreateAsync(client, length);
        answer.EnsureSuccessStatusCode();
        return new TusUpload(client, answer.Headers.Location!);
    }

    public static async Task<HttpResponseMessage> TryCreateAsync(HttpClient client, long length)
    {
        using var request = Request(HttpMethod.Post, new Uri("v1/uploads", UriKind.Relative));
        request.Headers.Add("Upload-Length", length.ToString(CultureInfo.InvariantCulture));
        return await client.SendAsync(request);
    }

    /// <summary>The same upload by another connection, after a restart of the hub.</summary>
    public TusUpload With(HttpClient other) => new(other, Location);

    public async Task<(HttpStatusCode Status, long Offset)> SendAsync(
        long offset,
        HttpContent content
    )
    {
        using var request = Request(HttpMethod.Patch, Location);
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        request.Content = content;
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, OffsetOf(answer));
    }

    public Task<(HttpStatusCode Status, long Offset)> SendAsync(
        long offset,
        ReadOnlyMemory<byte> bytes
    ) => SendAsync(offset, new ReadOnlyMemoryContent(bytes));

    public async Task<(HttpStatusCode Status, long Offset)> HeadAsync()
    {
        using var request = Request(HttpMethod.Head, Location);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, OffsetOf(answer));
    }

    public async Task<HttpStatusCode> DeleteAsync()
    {
        using var request = Request(HttpMethod.Delete, Location);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    public async Task<JsonElement> AnswerAsync() =>
        (await client.GetAnswerAsync(Location.OriginalString)).Json;

    private static HttpRequestMessage Request(HttpMethod method, Uri path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        return request;
    }

    private static long OffsetOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Upload-Offset", out var values)
            ? long.Parse(values.Single(), CultureInfo.InvariantCulture)
            : -1;
}
