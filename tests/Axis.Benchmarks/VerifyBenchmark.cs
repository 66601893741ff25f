using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Benchmarks;

/// <summary>
/// What verifying an envelope signature costs beside what cannot be avoided, SHA-256 over the same bytes, and beside
/// what others take for it: the platform's SignedXml and the program xmlsec1. Processor times are medians of rounds in
/// which the contestants take turns.
/// </summary>
public static class VerifyBenchmark
{
    private const string Name = "verify";
    private const int Large = 100_000_000;
    private const int Small = 20_000;

    /// <summary>The runtime compiles the hot loops for good only after some packages.</summary>
    private const int WarmUps = 12;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        using var signer = new VerifySigner();
        await Console.Error.WriteLineAsync("a signed package of 20 KB");
        var smallPackage = signer.Sign(await ReadingPackages.BytesAsync(Small));
        VerifySignedXml.Verify(smallPackage, signer);
        var small = SmallPackage(signer, smallPackage);
        await Console.Error.WriteLineAsync("a signed package of 100 MB");
        var package = signer.Sign(await ReadingPackages.BytesAsync(Large));
        var memory = await VerifyMemory.MeasureAsync(Name, package, signer, cancellationToken);
        var (hash, verify, inLines) = LargePackage(signer, package, cancellationToken);
        await Console.Error.WriteLineAsync("the same by SignedXml");
        var signedXml = ReadingProcessorTime.MedianOf(
            3,
            () => VerifySignedXml.Verify(package, signer)
        );
        await Console.Error.WriteLineAsync("the same by xmlsec1");
        var xmlSec = await VerifyXmlSec.MeasureAsync(package, signer, cancellationToken);
        return
        [
            new Figure(Name, "100 MB, processor time, beside SHA-256", verify, "ms", hash),
            inLines,
            new Figure(Name, "100 MB, SignedXml, beside verification", signedXml, "ms", verify),
            .. xmlSec is { } program
                ? (Figure[])
                    [
                        new Figure(
                            Name,
                            "100 MB, xmlsec1 as a process, processor time, beside verification",
                            program.Processor,
                            "ms",
                            verify
                        ),
                        new Figure(
                            Name,
                            "100 MB, xmlsec1 as a process, beside verification",
                            program.Clock,
                            "ms",
                            verify
                        ),
                    ]
                : [],
            .. memory,
            .. small,
        ];
    }

    private static (double Hash, double Verify, Figure InLines) LargePackage(
        VerifySigner signer,
        byte[] package,
        CancellationToken cancellationToken
    )
    {
        var inLines = signer.Sign(VerifySigner.InLines(signer.Unsigned(package)));
        for (var i = 0; i < WarmUps; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            signer.Verify(package);
            signer.Verify(inLines);
        }
        var times = ReadingProcessorTime.MediansInTurns([
            () => SHA256.HashData(package),
            () => signer.Verify(package),
            () => SHA256.HashData(inLines),
            () => signer.Verify(inLines),
        ]);
        return (
            times[0],
            times[1],
            new Figure(
                Name,
                "100 MB in lines with CR LF, processor time, beside SHA-256",
                times[3],
                "ms",
                times[2]
            )
        );
    }

    private static Figure[] SmallPackage(VerifySigner signer, byte[] package)
    {
        const int times = 5_000;
        using var key = signer.Certificate.GetRSAPublicKey()!;
        var hash = SHA256.HashData(package);
        var value = new byte[key.KeySize / 8];
        Repeat(2 * times, () => signer.Verify(package));
        var spent = ReadingProcessorTime.MediansInTurns([
            () => Repeat(times, () => SHA256.HashData(package)),
            () => Repeat(times, () => signer.Verify(package)),
            () =>
                Repeat(
                    times,
                    () =>
                        key.VerifyHash(
                            hash,
                            value,
                            HashAlgorithmName.SHA256,
                            RSASignaturePadding.Pkcs1
                        )
                ),
        ]);
        var microseconds = spent.Select(one => one * 1000 / times).ToArray();
        return
        [
            new Figure(
                Name,
                "20 KB, RSA included, processor time, beside SHA-256",
                microseconds[1],
                "µs",
                microseconds[0]
            ),
            new Figure(Name, "20 KB, of it RSA", microseconds[2], "µs", null),
        ];
    }

    private static void Repeat(int times, Action work)
    {
        for (var i = 0; i < times; i++)
        {
            work();
        }
    }
}
