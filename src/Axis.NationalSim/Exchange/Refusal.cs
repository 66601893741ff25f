namespace Axis.NationalSim.Exchange;

/// <summary>Why the axis does not do what it was asked, with the codes known from one province's platform.</summary>
internal sealed record Refusal(string Code, string Text)
{
    public static readonly Refusal BadFile = new("10", "Tệp không hợp lệ: hash-file không khớp");
    public static readonly Refusal WrongSecret = new("15", "Sai mã hệ thống hoặc khóa bí mật");
    public static readonly Refusal OldTimestamp = new("15", "Thời gian yêu cầu không hợp lệ");
    public static readonly Refusal SystemError = new("20", "Lỗi hệ thống");
    public static readonly Refusal NoDocument = new("21", "Không tìm thấy văn bản");
    public static readonly Refusal BadParameter = new("21", "Tham số không hợp lệ");
    public static readonly Refusal NotTheStandard = new("22", "edXML không đúng chuẩn");

    public static Refusal UnknownRecipient(string code) =>
        new("18", $"Đơn vị nhận không tồn tại: {code}");

    public static Refusal ForeignSender(string code) =>
        new("19", $"Đơn vị gửi chưa đăng ký: {code}");

    public static Refusal ClosedRecipient(string code) => new("23", $"Đơn vị nhận đã khóa: {code}");
}
