using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Registry;
using Axis.Hub.Tests.Access;
using Axis.Hub.Trust;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Trust;

/// <summary>
/// A hub with a trust folder, an authority on a real server, and a clock that stands where the test sets it. Nothing
/// happens in the background: the test says when the hub asks.
/// </summary>
internal sealed class TrustProvince : IAsyncDisposable
{
    public const string Sender = "H99";
    public const string Recipient = "H99.01";

    private readonly string _folder;

    private TrustProvince(
        string folder,
        TestHub hub,
        SetClock clock,
        TestAuthority authority,
        AuthorityServer server
    )
    {
        _folder = folder;
        Hub = hub;
        Clock = clock;
        Authority = authority;
        Server = server;
    }

    public TestHub Hub { get; }
    public SetClock Clock { get; }
    public TestAuthority Authority { get; }
    public AuthorityServer Server { get; }

    public static async Task<TrustProvince> StartAsync(params (string Key, string Value)[] more)
    {
        // Tomorrow: what the database writes with its own clock is of the past by then, and the partitions are there.
        var clock = new SetClock(TimeProvider.System.GetUtcNow().AddDays(1));
        var folder = Directory.CreateTempSubdirectory("axis-trust-").FullName;
        var authority = new TestAuthority(clock.Now);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "authority.pem"),
            authority.Certificate.ExportCertificatePem()
        );
        var hub = await TestHub.StartAsync(
            LocalServersSetUp.Servers,
            clock,
            settings:
            [
                ("Trust:AnchorFolder", folder),
                ("Trust:Revocation:Interval", "00:00:00"),
                ("Trust:Revocation:ReloadInterval", "01:00:00"),
                ("Trust:Revocation:Timeout", "00:05:00"),
                .. more,
            ]
        );
        await hub.AddAgencyAsync(Sender);
        await hub.AddAgencyAsync(Recipient);
        await hub.AddOfficeSystemAsync(
            "sender",
            Door.Http,
            SignaturePolicy.Envelope,
            Sender,
            Recipient
        );
        return new(folder, hub, clock, authority, await AuthorityServer.StartAsync());
    }

    /// <summary>A certificate of the sender, registered.</summary>
    public async Task<X509Certificate2> RegisterAsync(string path)
    {
        var certificate = Authority.Issue("H99 " + path, Server.At(path));
        await Hub.ChangeRegistryAsync(
            """
            INSERT INTO certificate (agency_id, thumbprint, der, subject, not_before, not_after)
            SELECT agency_id, sha256($1), $1, $2, now() - interval '1 year', now() + interval '8 years'
            FROM agency_code WHERE code = $3
            """,
            certificate.RawData,
            certificate.Subject,
            Sender
        );
        return certificate;
    }

    /// <summary>An honest answer, of the clock's now.</summary>
    public TestOcsp Good =>
        new(Authority.Certificate, Clock.Now) { NextUpdate = Clock.Now.AddDays(1) };

    public Task RefreshAsync() =>
        Hub.Services.GetRequiredService<RevocationRefresh>().RefreshAsync(CancellationToken.None);

    public void RereadFolder() => Hub.Services.GetRequiredService<TrustFolder>().Refresh();

    public async Task PolicyAsync(SignaturePolicy policy) =>
        await Hub.ChangeRegistryAsync(
            "UPDATE signature_policy SET policy = $1 WHERE office_system_id = 'sender'",
            RegistryNames.Of(policy)
        );

    public Task<Answer> SendAsync(X509Certificate2 signer) =>
        SubmitAsync(new Letter(Sender, Recipient).SignedBy(signer));

    public async Task<Answer> SubmitAsync(byte[] package)
    {
        // A token for each, because the clock may have gone past the last.
        using var client = await Hub.ClientAsync("sender");
        return await client.SubmitAsync(package);
    }

    public Task<long> AuditedAsync(string action, X509Certificate2 certificate) =>
        Hub.CountAsync(
            $"""
            SELECT count(*) FROM audit WHERE action = '{action}'
                AND detail->>'thumbprint' = '{CertificateNames.ThumbprintOf(certificate)}'
            """
        );

    public void Put(string file, byte[] content) =>
        File.WriteAllBytes(Path.Combine(_folder, file), content);

    public void Remove(string file) => File.Delete(Path.Combine(_folder, file));

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        await Server.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
