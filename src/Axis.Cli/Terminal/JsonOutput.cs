using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axis.Cli.Terminal;

/// <summary>What <c>--json</c> prints: camelCase, absent instead of null, Vietnamese as it is.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions Compact = new(Options) { WriteIndented = false };

    public static void Print<T>(T value) =>
        Console.WriteLine(JsonSerializer.Serialize(value, Options));

    /// <summary>On one line, for a cell of a table.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Compact);
}
