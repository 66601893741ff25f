using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;

namespace Axis.Benchmarks;

/// <summary>Verification by the platform's own class, which builds the document in memory.</summary>
internal static class VerifySignedXml
{
    public static void Verify(byte[] package, VerifySigner signer)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using (var stream = new MemoryStream(package, writable: false))
        {
            document.Load(stream);
        }
        var element = (XmlElement)
            document.GetElementsByTagName("Signature", SignedXml.XmlDsigNamespaceUrl)[0]!;
        var signed = new SignedXml((XmlElement)element.ParentNode!);
        signed.LoadXml(element);
        using var key = signer.Certificate.GetRSAPublicKey()!;
        if (!signed.CheckSignature(key))
        {
            throw new InvalidOperationException("SignedXml rejects the package of the benchmark.");
        }
    }
}

/// <summary>Verification by the program xmlsec1, where it is installed.</summary>
internal static class VerifyXmlSec
{
    private const int Rounds = 3;

    /// <summary>Milliseconds of the fastest run; null without the program.</summary>
    public static async Task<(double Processor, double Clock)?> MeasureAsync(
        byte[] package,
        VerifySigner signer,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateTempSubdirectory("axis-verify");
        try
        {
            var file = Path.Combine(folder.FullName, "package.edxml");
            var certificate = Path.Combine(folder.FullName, "certificate.pem");
            await File.WriteAllBytesAsync(file, package, cancellationToken);
            await File.WriteAllTextAsync(certificate, signer.CertificatePem, cancellationToken);
            var (processor, clock) = (double.MaxValue, double.MaxValue);
            for (var round = 0; round < Rounds; round++)
            {
                var before = ChildrenMilliseconds();
                var watch = Stopwatch.StartNew();
                await RunAsync(file, certificate, cancellationToken);
                clock = Math.Min(clock, watch.Elapsed.TotalMilliseconds);
                processor = Math.Min(processor, ChildrenMilliseconds() - before);
            }
            return (processor, clock);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            await Console.Error.WriteLineAsync(
                "xmlsec1 is not installed; its figures are left out"
            );
            return null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(
        string file,
        string certificate,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo("xmlsec1")
        {
            ArgumentList =
            {
                "--verify",
                "--enabled-key-data",
                "rsa,x509",
                "--pubkey-cert-pem",
                certificate,
                file,
            },
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"xmlsec1 rejects the package of the benchmark: {await errors}"
            );
        }
    }

    /// <summary>Processor time of the children that have ended (proc(5), cutime and cstime, in hundredths of a second).</summary>
    private static double ChildrenMilliseconds()
    {
        var line = File.ReadAllText("/proc/self/stat");
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return 10.0
            * (
                long.Parse(fields[13], CultureInfo.InvariantCulture)
                + long.Parse(fields[14], CultureInfo.InvariantCulture)
            );
    }
}

/// <summary>How far memory grows while a package is verified from a file.</summary>
internal static class VerifyMemory
{
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(
        string benchmark,
        byte[] package,
        VerifySigner signer,
        CancellationToken cancellationToken
    )
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, package, cancellationToken);
            // Once before, so that what is loaded only once does not count.
            await using (var stream = File.OpenRead(file))
            {
                signer.Verify(stream);
            }
            await using var watched = new Watched(file);
            var heap = GC.GetTotalMemory(forceFullCollection: true);
            var resident = Environment.WorkingSet;
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            signer.Verify(watched);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            return
            [
                new Figure(
                    benchmark,
                    "100 MB from a file, growth of the managed heap",
                    Math.Max(0, watched.Heap - heap) / 1e6,
                    "MB",
                    null
                ),
                new Figure(
                    benchmark,
                    "100 MB from a file, growth of the resident set",
                    Math.Max(0, watched.Resident - resident) / 1e6,
                    "MB",
                    null
                ),
                new Figure(benchmark, "100 MB from a file, allocated", allocated / 1e6, "MB", null),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Looks at memory whenever a piece of the file is read.</summary>
    private sealed class Watched(string file) : FileStream(file, FileMode.Open, FileAccess.Read)
    {
        private const int EveryPieces = 64;
        private int _pieces;

        public long Heap { get; private set; }
        public long Resident { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_pieces++ % EveryPieces == 0)
            {
                Heap = Math.Max(Heap, GC.GetTotalMemory(forceFullCollection: false));
                Resident = Math.Max(Resident, Environment.WorkingSet);
            }
            return base.Read(buffer, offset, count);
        }
    }
}
