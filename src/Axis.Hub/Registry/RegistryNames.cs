using System.Text.Json;

namespace Axis.Hub.Registry;

/// <summary>How the registry's enumerations are written in tables, files and answers: snake_case.</summary>
public static class RegistryNames
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
