namespace Axis.Signatures.Tests;

internal sealed class XmlSecTests
{
    [Test]
    public async Task Our_signature_verifies_in_xmlsec1([Values] bool exclusive)
    {
        var options = new SigningOptions { ExclusiveCanonicalization = exclusive };
        var signed = Province.Sign(Samples.Synthetic, options);
        Assert.That(await Tools.XmlSecVerifiesAsync(signed, Province.Agency), Is.True);
        Assert.That(await Tools.XmlSecVerifiesAsync(signed, Province.OtherAgency), Is.False);
    }

    [TestCaseSource(typeof(Samples), nameof(Samples.Documents))]
    public async Task A_real_package_signed_anew_verifies_in_xmlsec1(string name) =>
        Assert.That(
            await Tools.XmlSecVerifiesAsync(Province.Sign(Samples.Read(name)), Province.Agency),
            Is.True
        );
}
