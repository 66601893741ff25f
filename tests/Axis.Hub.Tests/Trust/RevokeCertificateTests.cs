using Axis.Signatures;

namespace Axis.Hub.Tests.Trust;

/// <summary>A registrar takes the certificate of a stolen key back, whatever its authority says.</summary>
public sealed class RevokeCertificateTests
{
    private TrustProvince _province = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _province = await TrustProvince.StartAsync();
        await _province.Hub.AddOperatorAsync("danh-muc", "registrar");
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _province.DisposeAsync();

    [Test]
    public async Task Letters_signed_with_it_are_refused_from_then_on_and_others_are_not()
    {
        using var stolen = await _province.RegisterAsync("/stolen");
        using var next = await _province.RegisterAsync("/next");
        Assert.That((int)(await _province.SendAsync(stolen)).Status, Is.EqualTo(201));

        Assert.That(await RevokeAsync(CertificateNames.ThumbprintOf(stolen)), Is.EqualTo(204));
        Assert.That(
            await RevokeAsync(CertificateNames.ThumbprintOf(stolen)),
            Is.EqualTo(204),
            "said again"
        );

        Assert.That((await _province.SendAsync(stolen)).Codes, Is.EqualTo(new[] { "AXIS-4008" }));
        Assert.That((int)(await _province.SendAsync(next)).Status, Is.EqualTo(201));
        Assert.That(await _province.AuditedAsync("certificate.withdraw", stolen), Is.EqualTo(1));
    }

    [Test]
    public async Task It_does_not_come_into_force_again_when_it_is_registered_again()
    {
        using var stolen = await _province.RegisterAsync("/again");
        await RevokeAsync(CertificateNames.ThumbprintOf(stolen));

        await _province.Hub.ChangeRegistryAsync(
            """
            INSERT INTO certificate (agency_id, thumbprint, der, subject, not_before, not_after)
            SELECT agency_id, thumbprint, der, subject, not_before, not_after FROM certificate WHERE thumbprint = $1
            ON CONFLICT DO NOTHING
            """,
            Convert.FromHexString(CertificateNames.ThumbprintOf(stolen))
        );

        Assert.That((await _province.SendAsync(stolen)).Codes, Is.EqualTo(new[] { "AXIS-4008" }));
    }

    [TestCase("00")]
    [TestCase("zz00000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task One_that_nobody_has_is_not_found(string thumbprint) =>
        Assert.That(await RevokeAsync(thumbprint), Is.EqualTo(404));

    private async Task<int> RevokeAsync(string thumbprint)
    {
        using var client = await _province.Hub.ClientAsync("danh-muc", ops: true);
        using var answer = await client.DeleteAsync(
            new Uri($"ops/v1/certificates/{thumbprint}", UriKind.Relative)
        );
        return (int)answer.StatusCode;
    }
}
