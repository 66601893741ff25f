namespace Axis.Hub.Errors;

/// <summary>What is put into a sentence of the catalogue, in the language of the sentence.</summary>
public sealed record Words(string En, string Vi)
{
    public static readonly Words Agency = new("agency", "cơ quan");
    public static readonly Words Certificate = new("certificate", "chứng thư số");
    public static readonly Words Delivery = new("delivery", "lượt gửi");
    public static readonly Words Document = new("document", "văn bản");
    public static readonly Words Event = new("event", "sự kiện");
    public static readonly Words Key = new("key", "khóa");
    public static readonly Words OfficeSystem = new("office system", "phần mềm");
    public static readonly Words Package = new("package", "gói tin");
    public static readonly Words Replay = new("replay", "lượt gửi lại");
    public static readonly Words Resource = new("resource", "tài nguyên");
    public static readonly Words Upload = new("upload", "phiên tải lên");
    public static readonly Words VxpCall = new("call of the VXP adapter", "lệnh của adapter VXP");
    public static readonly Words Webhook = new("webhook", "webhook");
    public static readonly Words VxpClient = new("VXP client", "ứng dụng VXP");

    /// <summary>From one number to another, both included.</summary>
    public static Words Range(long least, long most) =>
        new($"{least} to {most}", $"từ {least} đến {most}");

    public static Words AtMost(int characters) =>
        new($"a text of at most {characters} characters", $"văn bản dài tối đa {characters} ký tự");

    public override string ToString() => En;
}
