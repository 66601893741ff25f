using System.Text.Json;
using Axis.NationalSim.Exchange;
using Axis.Vxp;

namespace Axis.NationalSim.Protocol;

/// <summary>An answer before it goes out: JSON, or the bytes of a download.</summary>
internal sealed record SimAnswer(VxpAnswer? Answer, byte[]? File = null, bool NullData = false)
{
    public string ErrorCode => Answer?.ErrorCode ?? VxpStatus.NoError;

    public static SimAnswer Of(VxpCall call, Refusal refusal) =>
        call.Answer == VxpAnswerKind.File
            ? new SimAnswer(null, [])
            : new SimAnswer(VxpAnswer.Failure(call.Answer, refusal.Code, refusal.Text));

    public byte[] Bytes() =>
        File
        ?? (
            NullData
                ? JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        status = Answer!.Status,
                        Answer.ErrorCode,
                        Answer.ErrorDesc,
                        data = (object?)null,
                    }
                )
                : Answer!.ToUtf8()
        );
}
