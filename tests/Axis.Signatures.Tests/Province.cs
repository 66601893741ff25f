using System.Security.Cryptography;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>An authority and agencies, made once for all tests.</summary>
internal static class Province
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Start = Now.AddYears(-2);
    private static readonly DateTimeOffset End = Now.AddYears(2);

    public static DemoAuthority Authority { get; } = new(Start, End, keySize: 2048);
    public static IssuedCertificate Agency { get; } =
        Authority.Issue("H01.01", "Sở Nội vụ", Start, End);
    public static IssuedCertificate OtherAgency { get; } =
        Authority.Issue("H01.02", "Sở Tài chính", Start, End);

    public static IssuedCertificate Elliptic { get; } =
        Authority.IssueElliptic("H01.05", "Sở Y tế", Start, End, ECCurve.NamedCurves.nistP256);

    public static IReadOnlyList<RegisteredCertificate> Registered { get; } =
    [new(OtherAgency.Certificate), new(Agency.Certificate)];

    public static byte[] Sign(
        byte[] package,
        SigningOptions? options = null,
        IssuedCertificate? signer = null
    )
    {
        using var input = new MemoryStream(package);
        using var output = new MemoryStream();
        EnvelopeSigner.Sign(
            input,
            (signer ?? Agency).Certificate,
            output,
            options ?? new SigningOptions { ReplaceExisting = true }
        );
        return output.ToArray();
    }

    public static SignatureVerdict Verify(
        byte[] package,
        IReadOnlyList<RegisteredCertificate>? registered = null,
        DateTimeOffset? at = null,
        VerificationOptions? options = null
    )
    {
        using var stream = new MemoryStream(package);
        return new EnvelopeVerifier(options).Verify(stream, registered ?? Registered, at ?? Now);
    }

    public static SignatureVerdict Verify(string package) =>
        Verify(Encoding.UTF8.GetBytes(package));

    public static string Text(byte[] package) => Encoding.UTF8.GetString(package);
}
