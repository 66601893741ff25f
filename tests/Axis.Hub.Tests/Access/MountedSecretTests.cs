using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Access;
using Axis.Hub.National;
using Axis.Signatures;
using Axis.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access;

/// <summary>
/// Files that come as a mounted Secret: the name is a link through <c>..data</c>, and a rotation makes a new folder and
/// turns <c>..data</c> to it. The name and its link never change.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class MountedSecretTests
{
    private string _mount = null!;
    private int _rotations;

    [SetUp]
    public void Mount() => _mount = Directory.CreateTempSubdirectory("axis-mounted-").FullName;

    [TearDown]
    public void Unmount() => Directory.Delete(_mount, recursive: true);

    [Test]
    public void A_secret_of_a_far_axis_is_the_new_one_after_a_rotation()
    {
        Rotate(("secret", "first-not-real"));
        var secret = new FarSecret(Path.Combine(_mount, "secret"));
        Assert.That(secret.Value, Is.EqualTo("first-not-real"));

        Rotate(("secret", "other-not-real"));

        Assert.That(secret.Value, Is.EqualTo("other-not-real"));
    }

    [Test]
    public void The_hubs_own_certificate_is_the_new_one_after_a_rotation()
    {
        Rotate(PairOf(TestProvince.Office));
        var own = new ServerCertificate(
            Path.Combine(_mount, "tls.crt"),
            Path.Combine(_mount, "tls.key")
        );
        var first = own.Current.TargetCertificate.Thumbprint;
        Assert.That(own.Current.TargetCertificate.Thumbprint, Is.EqualTo(first));

        Rotate(PairOf(TestProvince.Commune));

        Assert.That(own.Current.TargetCertificate.Thumbprint, Is.Not.EqualTo(first));
        Assert.That(own.Current.TargetCertificate.HasPrivateKey);
    }

    [Test]
    public void The_key_of_tokens_is_the_new_one_after_a_rotation()
    {
        Rotate(("key.pem", NewKey()));
        using var keys = new TokenKeys(
            Options.Create(new AccessOptions { SigningKeyFile = Path.Combine(_mount, "key.pem") }),
            TimeProvider.System,
            NullLogger<TokenKeys>.Instance
        );
        var first = keys.Current.Signing.KeyId;
        keys.LookAgain();
        Assert.That(keys.Current.Signing.KeyId, Is.EqualTo(first));

        Rotate(("key.pem", NewKey()));
        keys.LookAgain();

        Assert.That(keys.Current.Signing.KeyId, Is.Not.EqualTo(first));
    }

    [Test]
    public void The_trust_folder_is_seen_to_change_when_a_certificate_in_it_does()
    {
        Rotate(("authority.pem", TestKeys.Of(TestProvince.Office).ExportCertificatePem()));
        var first = TrustFiles.StampOf(_mount);
        Assert.That(TrustFiles.StampOf(_mount), Is.EqualTo(first));

        Rotate(("authority.pem", TestKeys.Of(TestProvince.Commune).ExportCertificatePem()));

        Assert.That(TrustFiles.StampOf(_mount), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_file_that_is_away_for_a_moment_takes_no_certificate_from_the_hub()
    {
        Rotate(PairOf(TestProvince.Office));
        var own = new ServerCertificate(
            Path.Combine(_mount, "tls.crt"),
            Path.Combine(_mount, "tls.key")
        );
        var first = own.Current.TargetCertificate.Thumbprint;

        File.Delete(Path.Combine(_mount, "..data"));

        Assert.That(own.Current.TargetCertificate.Thumbprint, Is.EqualTo(first));
    }

    /// <summary>What the kubelet does: a new folder, a link beside <c>..data</c>, and the link renamed over it.</summary>
    private void Rotate(params (string Name, string Content)[] files)
    {
        var folder = $"..2026_11_29_{++_rotations}";
        Directory.CreateDirectory(Path.Combine(_mount, folder));
        foreach (var (name, content) in files)
        {
            var file = Path.Combine(_mount, folder, name);
            File.WriteAllText(file, content);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            // Each rotation has its own time, however fast one follows the other.
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddDays(_rotations));
            var link = Path.Combine(_mount, name);
            if (!File.Exists(link))
            {
                File.CreateSymbolicLink(link, $"..data/{name}");
            }
        }
        var turned = Path.Combine(_mount, "..data_tmp");
        Directory.CreateSymbolicLink(turned, folder);
        var data = Path.Combine(_mount, "..data");
        File.Delete(data);
        Directory.Move(turned, data);
    }

    private static (string, string)[] PairOf(string code)
    {
        using var key = TestKeys.Of(code).GetRSAPrivateKey()!;
        return
        [
            ("tls.crt", TestKeys.Of(code).ExportCertificatePem()),
            ("tls.key", key.ExportPkcs8PrivateKeyPem()),
        ];
    }

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
