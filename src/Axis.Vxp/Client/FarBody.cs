using System.Text;

namespace Axis.Vxp.Client;

/// <summary>The body of an answer, bounded, and how much of it may be shown to people.</summary>
internal sealed class FarBody(byte[] bytes)
{
    private const int MaxExcerpt = 300;

    public byte[] Bytes { get; } = bytes;

    /// <summary>The pause that came with the answer.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Without a byte order mark, which some servers put before their JSON.</summary>
    public ReadOnlySpan<byte> Text =>
        Bytes.AsSpan().StartsWith("\uFEFF"u8) ? Bytes.AsSpan(3) : Bytes;

    public bool IsObject => Text.TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    /// <summary>The beginning in one line: an error page is recognised by its first words.</summary>
    public string Excerpt =>
        Bytes.Length == 0
            ? "an empty answer"
            : OneLine(Encoding.UTF8.GetString(Text[..Math.Min(Text.Length, 4 * MaxExcerpt)]));

    /// <summary>Null when the body is longer than the limit.</summary>
    public static async Task<FarBody?> ReadAsync(
        HttpResponseMessage response,
        long limit,
        CancellationToken cancellationToken
    )
    {
        if (response.Content.Headers.ContentLength > limit)
        {
            return null;
        }
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        // An announced length is not yet a reason to reserve so much.
        using var kept = new MemoryStream(
            (int)Math.Min(response.Content.Headers.ContentLength ?? 0, 1024 * 1024)
        );
        var piece = new byte[64 * 1024];
        int read;
        while ((read = await stream.ReadAsync(piece, cancellationToken)) > 0)
        {
            if (kept.Length + read > limit)
            {
                return null;
            }
            kept.Write(piece, 0, read);
        }
        return new FarBody(kept.ToArray()) { RetryAfter = response.Headers.RetryAfter?.Delta };
    }

    public static string OneLine(string text)
    {
        var line = new StringBuilder(MaxExcerpt);
        foreach (var letter in text)
        {
            if (line.Length == MaxExcerpt)
            {
                break;
            }
            var shown = char.IsControl(letter) ? ' ' : letter;
            if (shown != ' ' || line is [.., not ' '])
            {
                line.Append(shown);
            }
        }
        return line.ToString().TrimEnd();
    }
}
