using System.Text;

namespace Axis.Vxp.Tests;

/// <summary>
/// One recorded call of a real client: the bytes of its request. The recordings lie beside the repository and may be
/// absent; what they were signed with is made up.
/// </summary>
public sealed record Transcript(string Name, byte[] Head, byte[] Body)
{
    public const string SystemId = "demo.h41";
    public const string Secret = "demo-secret-not-real";

    private static readonly byte[] s_end = "\r\n--------- response ---------\r\n"u8.ToArray();

    /// <summary>The request as it was sent.</summary>
    public byte[] Bytes => [.. Head, .. Body];

    /// <summary>What the last segment of the path is.</summary>
    public string Call => RequestLine.Split(' ')[1].Split('/')[^1];

    public string RequestLine => Lines[0];

    /// <summary>Headers in their order, values one character per byte.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers =>
        [
            .. Lines
                .Skip(1)
                .Where(line => line.Length > 0)
                .Select(line => line.Split(": ", 2))
                .Select(pair => KeyValuePair.Create(pair[0], pair[1])),
        ];

    private string[] Lines => Encoding.Latin1.GetString(Head).Split("\r\n");

    public override string ToString() => Name;

    /// <summary>All recordings; empty when there are none on this machine.</summary>
    public static IReadOnlyList<Transcript> All()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Axis.sln")))
            {
                var folder = Path.Combine(at.FullName, "..", "shared", "domain", "vxp-transcripts");
                return Directory.Exists(folder)
                    ?
                    [
                        .. Directory
                            .EnumerateFiles(folder, "*.http")
                            .Order(StringComparer.Ordinal)
                            .Select(Read),
                    ]
                    : [];
            }
        }
        return [];
    }

    private static Transcript Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var head = bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var end = bytes.AsSpan().IndexOf(s_end);
        var name = Path.GetFileNameWithoutExtension(file);
        var transcript = new Transcript(name, bytes[..head], []);
        var length = transcript
            .Headers.Where(header => header.Key == "Content-Length")
            .Select(header => int.Parse(header.Value))
            .SingleOrDefault();
        return length <= end - head
            ? transcript with
            {
                Body = bytes[head..(head + length)],
            }
            : throw new InvalidDataException($"{name} has no body of {length} bytes");
    }
}
