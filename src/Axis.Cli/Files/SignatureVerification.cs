using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using Axis.Cli.Terminal;
using Axis.EdXml;
using Axis.Signatures;

namespace Axis.Cli.Files;

/// <summary>The signatures of one package or PDF, judged as the hub would with these authorities.</summary>
internal static class SignatureVerification
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Certificates in one signature; more are no help.</summary>
    private const int MaxCertificates = 8;

    public static async Task<Verification> RunAsync(
        FileInfo file,
        TrustFiles? trust,
        IReadOnlyList<FileInfo> registered,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        var files = trust ?? TrustFiles.Empty;
        var chain = new ChainJudge(
            files.Anchors,
            new OfflineRevocation(new FileLists(files)),
            files.Intermediates
        );
        await using var stream = PackageFile.Open(file);
        if (await IsPdfAsync(stream, cancellation))
        {
            var verdict = DocumentVerdict.Of(
                file.Name,
                new PdfSignatureVerifier().Verify(stream, chain, at)
            );
            return Verification.Of(file.Name, [(PartOf(file.Name, verdict), verdict.Kind)]);
        }

        var (reading, envelope) = await ReadAsync(
            stream,
            [.. registered.Select(LoadCertificate)],
            registered.Count > 0 && trust is null ? null : chain,
            at,
            cancellation
        );
        if (reading.Kind is null)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.Name} is no edXML package, no PDF and no receipt."
            );
        }

        var attachments = await new AttachmentJudge(
            DocumentLimits.Default,
            () => new TemporaryFile(),
            TimeProvider.System
        ).JudgeAsync(stream, reading.Attachments, chain, at, cancellation);
        return Verification.Of(
            file.Name,
            [
                (
                    new VerifiedPart(
                        "envelope",
                        Verification.NameOf(envelope.Kind),
                        envelope.Reason,
                        envelope.ReasonVi,
                        envelope.Subject
                    ),
                    envelope.Kind
                ),
                .. attachments.Select(
                    (attachment, index) =>
                        (
                            PartOf(attachment.Name ?? $"attachment {index + 1}", attachment),
                            attachment.Kind
                        )
                ),
            ]
        );
    }

    private static async Task<(PackageReading Reading, SignatureVerdict Envelope)> ReadAsync(
        FileStream package,
        IReadOnlyList<X509Certificate2> registered,
        ChainJudge? chain,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        using var sink = new EnvelopeSignatureSink();
        using var reader = new PackageReader(ReadLimits.Default, sink);
        var piece = new byte[PieceBytes];
        package.Position = 0;
        while (await package.ReadAsync(piece, cancellation) is var length and > 0)
        {
            reader.Feed(piece.AsSpan(0, length));
        }

        var reading = reader.Complete();
        // Nobody registered one: then the signature's own must lead to an authority, so the chain judge has the word.
        var certificates = registered.Count > 0 ? registered : OwnCertificates(package);
        return (
            reading,
            sink.Verdict(
                [.. certificates.Select(certificate => new RegisteredCertificate(certificate))],
                at,
                chain
            )
        );
    }

    /// <summary>The certificates in the KeyInfo of the first signature; what cannot be read is none.</summary>
    private static List<X509Certificate2> OwnCertificates(FileStream package)
    {
        var found = new List<X509Certificate2>();
        package.Position = 0;
        try
        {
            using var xml = XmlReader.Create(
                package,
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit }
            );
            while (found.Count < MaxCertificates && xml.Read() && xml.LocalName != "edXMLBody")
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "X509Certificate" })
                {
                    found.Add(
                        X509CertificateLoader.LoadCertificate(
                            Convert.FromBase64String(xml.ReadElementContentAsString())
                        )
                    );
                }
            }
        }
        catch (Exception e) when (e is XmlException or FormatException or CryptographicException)
        {
            // The verdict says what is wrong with the signature.
        }

        return found;
    }

    private static async Task<bool> IsPdfAsync(FileStream file, CancellationToken cancellation)
    {
        var head = new byte[5];
        var length = await file.ReadAtLeastAsync(
            head,
            head.Length,
            throwOnEndOfStream: false,
            cancellation
        );
        return head.AsSpan(0, length).SequenceEqual("%PDF-"u8);
    }

    private static VerifiedPart PartOf(string name, AttachmentVerdict verdict) =>
        new(
            name,
            Verification.NameOf(verdict.Kind),
            verdict.Reason,
            verdict.ReasonVi,
            Signatures: verdict.Signatures.Count == 0
                ? null
                : [.. verdict.Signatures.Select(VerifiedSignature.Of)]
        );

    private static X509Certificate2 LoadCertificate(FileInfo file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file.FullName);
        }
        catch (Exception e)
            when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.Name} is no certificate: {e.Message}"
            );
        }
    }
}
