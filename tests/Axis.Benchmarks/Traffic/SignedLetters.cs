using Axis.TestKit;

namespace Axis.Benchmarks.Traffic;

/// <summary>Letters signed before the clock starts.</summary>
internal static class SignedLetters
{
    // 20 KB with header, signature and a base64 attachment.
    public const int UsualAttachment = 11_000;

    public static byte[][] Make(int count, int attachmentBytes, string from, params string[] to) =>
        [
            .. Enumerable
                .Range(0, count)
                .AsParallel()
                .AsOrdered()
                .Select(_ =>
                    (new Letter(from, to) with { AttachmentBytes = attachmentBytes }).Signed()
                ),
        ];
}
