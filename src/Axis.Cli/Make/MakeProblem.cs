namespace Axis.Cli.Make;

/// <summary>What is wrong with a description. The numbers are in docs/edxml-make.md and keep their meaning.</summary>
/// <param name="Code">MAKE-01 and on.</param>
/// <param name="Member">Path of the member, e.g. to[2].organId; empty for the description as a whole.</param>
internal sealed record MakeProblem(string Code, string Member, string Vietnamese, string English)
{
    public static MakeProblem NotReadable(string why) =>
        new("MAKE-01", "", $"Không đọc được bản mô tả: {why}", $"This is not JSON or YAML: {why}");

    public static MakeProblem Unknown(string member, IEnumerable<string> known) =>
        new(
            "MAKE-02",
            member,
            $"Không có thành phần này; các thành phần hợp lệ: {string.Join(", ", known)}.",
            $"There is no such member; known here: {string.Join(", ", known)}."
        );

    public static MakeProblem WrongShape(string member, string vietnamese, string english) =>
        new("MAKE-03", member, $"Phải là {vietnamese}.", $"This must be {english}.");

    public static MakeProblem Missing(string member) =>
        new("MAKE-04", member, "Thiếu thành phần bắt buộc.", "This member is required.");

    public static MakeProblem BadValue(string member, string value, string expected) =>
        new(
            "MAKE-05",
            member,
            $"Giá trị \"{value}\" không hợp lệ; cần: {expected}.",
            $"\"{value}\" will not do; expected: {expected}."
        );

    public static MakeProblem NoFile(string member, string path) =>
        new("MAKE-06", member, $"Không mở được tệp {path}.", $"The file {path} cannot be opened.");

    public static MakeProblem NotWritable(string why) =>
        new("MAKE-07", "", $"Không ghi được gói tin: {why}", $"No package can hold this: {why}");

    public override string ToString() =>
        $"{Code}  {(Member.Length == 0 ? "description" : Member)}\n         {Vietnamese}\n         {English}";
}

/// <summary>The description cannot be read at all.</summary>
internal sealed class DescriptionException(string message) : Exception(message);
