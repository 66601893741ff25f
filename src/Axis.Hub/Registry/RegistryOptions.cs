using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Registry;

public sealed class RegistryOptions
{
    public const string Section = "Registry";

    /// <summary>
    /// How often the version is asked for. Changes are pushed; this bounds how late one is seen when a push is lost.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);
}
