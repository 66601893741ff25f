using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Trust.Expiry;
using Axis.Signatures;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Trust;

/// <summary>Registered certificates that near their end are told of 60, 30, 14 and 3 days before, once each.</summary>
public sealed class ExpiryTests
{
    private TrustProvince _province = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _province = await TrustProvince.StartAsync(("Trust:ExpiryInterval", "24:00:00"));
        await _province.Hub.AddOperatorAsync("truc-vh", "viewer");
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _province.DisposeAsync();

    [Test]
    public async Task Each_threshold_is_told_once_and_the_list_shows_what_ends_soon()
    {
        using var certificate = await _province.RegisterAsync("/expiring");
        var end = _province.Clock.Now.AddDays(61);
        await _province.Hub.ChangeRegistryAsync(
            "UPDATE certificate SET not_after = $2 WHERE thumbprint = $1",
            Convert.FromHexString(CertificateNames.ThumbprintOf(certificate)),
            end
        );
        await LookAsync();
        Assert.That(await ToldAsync(certificate), Is.Empty);

        foreach (
            var (daysBefore, told) in ((int, int[])[])
                [(60, [60]), (59, [60]), (30, [60, 30]), (14, [60, 30, 14]), (3, [60, 30, 14, 3])]
        )
        {
            _province.Clock.Now = end.AddDays(-daysBefore);
            await LookAsync();
            await LookAsync();
            Assert.That(
                await ToldAsync(certificate),
                Is.EqualTo(told),
                $"{daysBefore} days before"
            );
        }
        _province.Clock.Now = end;
        await LookAsync();
        Assert.That(await ToldAsync(certificate), Has.Count.EqualTo(4), "over is not near");
    }

    [Test]
    public async Task What_is_registered_late_is_told_by_the_nearest_threshold_alone()
    {
        using var certificate = await _province.RegisterAsync("/late");
        await _province.Hub.ChangeRegistryAsync(
            "UPDATE certificate SET not_after = $2 WHERE thumbprint = $1",
            Convert.FromHexString(CertificateNames.ThumbprintOf(certificate)),
            _province.Clock.Now.AddDays(2)
        );
        await LookAsync();
        Assert.That(await ToldAsync(certificate), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task Operators_see_which_certificates_end_within_some_days()
    {
        using var certificate = await _province.RegisterAsync("/listed");
        var thumbprint = CertificateNames.ThumbprintOf(certificate);
        using var client = await _province.Hub.ClientAsync("truc-vh", ops: true);
        Assert.That(await ListedAsync("36500"), Does.Contain(thumbprint));
        Assert.That(await ListedAsync("30"), Does.Not.Contain(thumbprint));
        Assert.That(
            (await client.GetAnswerAsync("ops/v1/certificates?expiringWithin=soon")).Codes,
            Is.EqualTo(new[] { "AXIS-6005" })
        );

        async Task<IEnumerable<string?>> ListedAsync(string days) =>
            (await client.ItemsAsync($"ops/v1/certificates?expiringWithin={days}")).Select(item =>
                item.GetProperty("thumbprint").GetString()
            );
    }

    private Task LookAsync() =>
        _province.Hub.Services.GetRequiredService<ExpiryWatch>().LookAsync(CancellationToken.None);

    private async Task<List<int>> ToldAsync(X509Certificate2 certificate)
    {
        await using var command = _province.Hub.Database.CreateCommand(
            """
            SELECT (detail->>'days')::integer FROM audit
            WHERE action = 'certificate.expiring' AND detail->>'thumbprint' = $1 ORDER BY id
            """
        );
        command.Parameters.Add(new() { Value = CertificateNames.ThumbprintOf(certificate) });
        await using var reader = await command.ExecuteReaderAsync();
        var days = new List<int>();
        while (await reader.ReadAsync())
        {
            days.Add(reader.GetInt32(0));
        }
        return days;
    }
}
