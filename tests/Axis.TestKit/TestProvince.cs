using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.LocalServers;

namespace Axis.TestKit;

/// <summary>
/// A province of three office systems: <c>office</c> collects over HTTP and speaks for H99 and H99.05, <c>department</c>
/// collects over AMQP and speaks for H99.01, <c>commune</c> over HTTP for H99.02 and is not made to sign.
/// </summary>
public static class TestProvince
{
    public const string Office = "H99";
    public const string OfficeOld = "000.00.00.H99";
    public const string Department = "H99.01";
    public const string DepartmentOld = "000.00.01.H99";
    public const string Commune = "H99.02";
    public const string Second = "H99.05";
    public const string Closed = "H99.90";
    public const string Locked = "H99.91";
    public const string Unconnected = "H99.92";
    public const string Node = "00.99.W00";
    public const string Ministry = "G22";
    public const string MinistryOld = "000.00.00.G22";

    public static async Task<TestHub> StartAsync(
        SharedTestServers servers,
        TimeProvider? clock = null,
        bool asProcess = false,
        params (string Key, string Value)[] settings
    )
    {
        var hub = await TestHub.StartAsync(servers, clock, asProcess, settings);
        await hub.AddAgencyAsync(Office, OfficeOld, certificate: TestKeys.Of(Office));
        await hub.AddAgencyAsync(Department, DepartmentOld, certificate: TestKeys.Of(Department));
        await hub.AddAgencyAsync(Commune, kind: "commune", certificate: TestKeys.Of(Commune));
        await hub.AddAgencyAsync(Second, certificate: TestKeys.ExpiredOf(Second));
        await hub.AddAgencyAsync(Closed, status: AgencyStatus.Closed);
        await hub.AddAgencyAsync(Locked, status: AgencyStatus.Locked);
        await hub.AddAgencyAsync(Unconnected);
        await hub.AddAgencyAsync(Node, kind: "axis");
        await hub.AddAgencyAsync(Ministry, MinistryOld, AgencyReach.National, kind: "ministry");
        await hub.AddOfficeSystemAsync(
            "office",
            Door.Http,
            SignaturePolicy.Envelope,
            Office,
            Second
        );
        await hub.AddOfficeSystemAsync(
            "department",
            Door.Amqp,
            SignaturePolicy.Envelope,
            Department
        );
        await hub.AddOfficeSystemAsync("commune", Door.Http, SignaturePolicy.Record, Commune);
        if (asProcess)
        {
            // It learns of changes by itself, a moment later: once it knows the last of them it knows all.
            using var commune = await hub.ClientAsync("commune");
        }
        return hub;
    }

    public static byte[] Signed(this Letter letter) => letter.SignedBy(TestKeys.Of(letter.From));

    public static async Task<Answer> SubmitAsync(this HttpClient client, byte[] package)
    {
        using var content = new ByteArrayContent(package);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        using var response = await client.PostAsync(
            new Uri("v1/packages", UriKind.Relative),
            content
        );
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(
            response.StatusCode,
            text,
            text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default
        );
    }

    public static async Task<Answer> GetAnswerAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(
            response.StatusCode,
            text,
            response.Content.Headers.ContentType?.MediaType?.Contains(
                "json",
                StringComparison.Ordinal
            ) == true
                ? JsonSerializer.Deserialize<JsonElement>(text)
                : default
        );
    }

    public static async Task<IReadOnlyList<JsonElement>> ItemsAsync(
        this HttpClient client,
        string path
    )
    {
        var answer = await client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative));
        return [.. answer.GetProperty("items").EnumerateArray()];
    }

    public static async Task<HttpStatusCode> AcknowledgeAsync(
        this HttpClient client,
        Guid deliveryId
    )
    {
        using var response = await client.PostAsync(
            new Uri($"v1/inbox/{deliveryId}/ack", UriKind.Relative),
            null
        );
        return response.StatusCode;
    }
}

/// <summary>An HTTP answer as a test reads it.</summary>
public sealed record Answer(HttpStatusCode Status, string Text, JsonElement Json)
{
    public Guid PackageId => Json.GetProperty("packageId").GetGuid();

    public IReadOnlyList<string> Codes =>
        [
            .. Json.GetProperty("errors")
                .EnumerateArray()
                .Select(error => error.GetProperty("code").GetString()!),
        ];

    public Guid DeliveryTo(string recipient) =>
        Json.GetProperty("deliveries")
            .EnumerateArray()
            .Single(delivery => delivery.GetProperty("recipient").GetString() == recipient)
            .GetProperty("deliveryId")
            .GetGuid();
}
