using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Vxp;

/// <summary>
/// A province whose office systems use the SDK: <c>demo</c> (demo.h41) speaks for H41.01 and H41.02 and has the secret of
/// the recordings; <c>other</c> (other.h41) speaks for H41.03 and H41.09; <c>listener</c> (listener.h41) speaks for H41.05
/// and may only receive; <c>closed</c> (closed.h41) is switched off; <c>plain</c> speaks for H41.07 and uses the HTTP door.
/// </summary>
internal sealed class VxpProvince : IAsyncDisposable
{
    public const string Secret = "demo-secret-not-real";
    public const string OtherSecret = "another-secret-made-up";

    private VxpProvince(TestHub hub, HttpClient registrar)
    {
        Hub = hub;
        Registrar = registrar;
    }

    public TestHub Hub { get; }

    public HttpClient Registrar { get; }

    /// <summary>Where the path is as configured with the client.</summary>
    public Uri Door => Hub.Vxp;

    public static async Task<VxpProvince> StartAsync(params (string Key, string Value)[] settings)
    {
        var hub = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            settings: [("Listen:Vxp", "http://127.0.0.1:0"), .. settings]
        );
        await hub.AddAgencyAsync("H41", "000.00.00.H41", kind: "province");
        foreach (var code in (string[])["H41.01", "H41.02", "H41.03", "H41.05", "H41.07", "H41.09"])
        {
            await hub.AddAgencyAsync(code, $"000.00.{code[^2..]}.H41");
        }
        await hub.AddAgencyAsync("H41.90", status: AgencyStatus.Closed);
        await hub.AddAgencyAsync("H41.91", status: AgencyStatus.Locked);
        await AddAsync("demo", "H41.01", "H41.02");
        await AddAsync("other", "H41.03", "H41.09");
        await AddAsync("listener", "H41.05");
        await AddAsync("closed");
        await AddAsync("plain", "H41.07");
        await hub.AddOperatorAsync("registrar", "registrar", "viewer", "auditor");
        var province = new VxpProvince(hub, await hub.ClientAsync("registrar", ops: true));
        await province.OpenAsync("demo", "on", Secret);
        await province.OpenAsync("other", "on", OtherSecret);
        await province.OpenAsync("listener", "receive", OtherSecret);
        await province.OpenAsync("closed", "off", OtherSecret);
        return province;

        Task AddAsync(string id, params string[] agencies) =>
            hub.AddOfficeSystemAsync(
                id,
                Axis.Hub.Registry.Door.Http,
                SignaturePolicy.Record,
                agencies
            );
    }

    /// <summary>As an operator does it.</summary>
    public async Task<JsonElement> OpenAsync(string officeSystem, string access, string? secret)
    {
        using var answer = await SetAsync(
            officeSystem,
            new
            {
                systemId = officeSystem + ".h41",
                access,
                secret,
            }
        );
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public Task<HttpResponseMessage> SetAsync(string officeSystem, object wish) =>
        Registrar.PutAsJsonAsync(
            new Uri($"ops/v1/office-systems/{officeSystem}/vxp", UriKind.Relative),
            wish,
            new JsonSerializerOptions(JsonSerializerDefaults.Web)
            {
                DefaultIgnoreCondition = System
                    .Text
                    .Json
                    .Serialization
                    .JsonIgnoreCondition
                    .WhenWritingNull,
            }
        );

    public async ValueTask DisposeAsync()
    {
        Registrar.Dispose();
        await Hub.DisposeAsync();
    }
}
