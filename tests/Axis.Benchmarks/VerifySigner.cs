using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.Benchmarks;

/// <summary>An agency that signs packages and a hub that knows its certificate, made for this run.</summary>
internal sealed class VerifySigner : IDisposable
{
    private const int LineLetters = 76;
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 2, 0, 0, TimeSpan.Zero);

    private readonly DemoAuthority _authority = new(s_now.AddYears(-1), s_now.AddYears(1));
    private readonly IssuedCertificate _agency;
    private readonly RegisteredCertificate[] _registered;
    private readonly EnvelopeVerifier _verifier = new();

    public VerifySigner()
    {
        _agency = _authority.Issue(
            "H99",
            "UBND tỉnh An Giao",
            s_now.AddYears(-1),
            s_now.AddYears(1)
        );
        _registered = [new RegisteredCertificate(_agency.Certificate)];
    }

    public X509Certificate2 Certificate => _agency.Certificate;
    public string CertificatePem => _agency.CertificatePem;

    public byte[] Sign(byte[] package)
    {
        using var input = new MemoryStream(package, writable: false);
        using var output = new MemoryStream(package.Length + 8192);
        EnvelopeSigner.Sign(input, _agency.Certificate, output);
        return output.ToArray();
    }

    public void Verify(byte[] package)
    {
        using var stream = new MemoryStream(package, writable: false);
        Verify(stream);
    }

    public void Verify(Stream package)
    {
        var verdict = _verifier.Verify(package, _registered, s_now);
        if (!verdict.IsValid)
        {
            throw new InvalidOperationException(
                $"The package of the benchmark does not verify: {verdict.Reason}"
            );
        }
    }

    /// <summary>The package without its signature.</summary>
    public byte[] Unsigned(byte[] package)
    {
        var start = package.AsSpan().IndexOf("<Signature "u8);
        var after = package.AsSpan(start).IndexOf("</Signature>"u8) + "</Signature>".Length;
        return [.. package.AsSpan(0, start), .. package.AsSpan(start + after)];
    }

    /// <summary>The package with its attachment broken into lines that end with CR LF, as many programs write base64.</summary>
    public static byte[] InLines(byte[] package)
    {
        var end = package.AsSpan().LastIndexOf("</edXML:ContentTransferEncoded"u8);
        if (end < 0)
        {
            end = package.AsSpan().LastIndexOf("</ContentTransferEncoded"u8);
        }
        var start = package.AsSpan(0, end).LastIndexOf((byte)'>') + 1;
        using var output = new MemoryStream(package.Length + package.Length / 32);
        output.Write(package.AsSpan(0, start));
        for (var at = start; at < end; at += LineLetters)
        {
            output.Write(package.AsSpan(at, Math.Min(LineLetters, end - at)));
            output.Write("\r\n"u8);
        }
        output.Write(package.AsSpan(end));
        return output.ToArray();
    }

    public void Dispose()
    {
        _agency.Dispose();
        _authority.Dispose();
    }
}
