using System.Text.Encodings.Web;
using System.Text.Json;

namespace Axis.Hub.Registry.Import;

public sealed record OfficeSystemSecret(
    string Id,
    string Secret,
    Door InboxDoor,
    IReadOnlyList<string> Agencies
);

public sealed record OperatorSecret(string Id, string Secret);

/// <summary>
/// The file that new secrets are written to, once, for whoever hands them out. The hub itself never reads it again
/// but to keep what it holds when more is added.
/// </summary>
public sealed record CredentialsFile(
    IReadOnlyList<OfficeSystemSecret> OfficeSystems,
    IReadOnlyList<OperatorSecret> Operators
)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters =
        {
            new System.Text.Json.Serialization.JsonStringEnumConverter(
                JsonNamingPolicy.SnakeCaseLower
            ),
        },
    };

    /// <summary>What the file holds; nothing when it does not exist yet.</summary>
    /// <exception cref="ImportException">The file exists and is something else.</exception>
    public static CredentialsFile Read(string path)
    {
        if (!File.Exists(path))
        {
            return new([], []);
        }
        try
        {
            return JsonSerializer.Deserialize<CredentialsFile>(File.ReadAllBytes(path), Format)
                ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // Its text may hold secrets, so the parser's message is not repeated.
            throw new ImportException([
                new(
                    Path.GetFileName(path),
                    0,
                    0,
                    "this is no credentials file of an earlier import; name another file",
                    "đây không phải tệp khóa bí mật của lần nhập trước; hãy chọn tệp khác"
                ),
            ]);
        }
    }

    /// <summary>Replaces the file as a whole, readable by its owner alone, and returns when it is on disk.</summary>
    public void Write(string path)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var draft = $"{full}.{Guid.CreateVersion7():N}.new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var stream = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(stream, this, Format);
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, full, overwrite: true);
    }
}
