using System.Globalization;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>Times and transport states as clients print them.</summary>
internal static class VxpWords
{
    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    /// <summary>Local time of Vietnam (QĐ 28/2018 Đ14.4), in the form that packages use.</summary>
    public static string Time(DateTimeOffset at) =>
        at.ToOffset(Vietnam).ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Pickup(string? word) =>
        word switch
        {
            VxpValue.Done => "Đã nhận",
            VxpValue.Processing => "Đang nhận",
            VxpValue.Fail => "Nhận lỗi",
            _ => "Chưa nhận",
        };
}
