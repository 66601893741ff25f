using System.Security.Cryptography;
using System.Text.Json;
using Axis.Cli.Terminal;
using Axis.Signatures;

namespace Axis.Cli.Files;

/// <summary>A signed receipt against the package it is about, with the hub's public keys, offline.</summary>
internal static class ReceiptVerification
{
    public static async Task<Verification> RunAsync(
        FileInfo receipt,
        FileInfo? package,
        FileInfo? keys,
        CancellationToken cancellation
    )
    {
        if (package is null || keys is null)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                "A receipt needs its package and the hub's keys: verify RECEIPT PACKAGE --keys JWKS"
            );
        }

        try
        {
            var set = SignedReceipt.ReadKeys(await ReadAsync(keys, cancellation));
            var claims = SignedReceipt.Read(JwsOf(await ReadAsync(receipt, cancellation)), set);
            return await CompareAsync(receipt, claims, package, cancellation);
        }
        catch (ReceiptException e)
        {
            return Of(
                receipt,
                SignatureVerdictKind.Broken,
                e.Message,
                "Biên nhận không hợp lệ hoặc không do khoá này ký."
            );
        }
    }

    private static async Task<Verification> CompareAsync(
        FileInfo receipt,
        ReceiptClaims claims,
        FileInfo package,
        CancellationToken cancellation
    )
    {
        await using var bytes = PackageFile.Open(package);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancellation));
        return sha256 == claims.Sha256 && bytes.Length == claims.Size
            ? Of(
                receipt,
                SignatureVerdictKind.Valid,
                $"The hub signed that it accepted exactly these bytes from {claims.Sender} on {Format.Time(claims.ReceivedAt)}.",
                $"Trục đã ký xác nhận tiếp nhận đúng các byte này từ {claims.Sender} lúc {Format.Time(claims.ReceivedAt)}.",
                claims
            )
            : Of(
                receipt,
                SignatureVerdictKind.Broken,
                $"The receipt is genuine, but about other bytes (SHA-256 {claims.Sha256}, {claims.Size} bytes).",
                $"Biên nhận là thật nhưng thuộc về gói tin khác (SHA-256 {claims.Sha256}, {claims.Size} byte).",
                claims
            );
    }

    private static Verification Of(
        FileInfo receipt,
        SignatureVerdictKind kind,
        string reason,
        string reasonVi,
        ReceiptClaims? claims = null
    ) =>
        Verification.Of(
            receipt.Name,
            [(new VerifiedPart("receipt", Verification.NameOf(kind), reason, reasonVi), kind)],
            claims
        );

    /// <summary>The receipt as the hub answers it has it in <c>jws</c>; it may also stand alone.</summary>
    private static string JwsOf(byte[] text)
    {
        if (text.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("eyJ"u8))
        {
            return System.Text.Encoding.ASCII.GetString(text).Trim();
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return
                json.RootElement.TryGetProperty("jws", out var jws)
                && jws.ValueKind == JsonValueKind.String
                ? jws.GetString()!
                : throw new ReceiptException("The receipt carries no signature (jws).");
        }
        catch (JsonException e)
        {
            throw new ReceiptException("This is no receipt.", e);
        }
    }

    private static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(file.FullName, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.FullName} cannot be read: {e.Message}"
            );
        }
    }
}
