using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.National.Catalogue;

/// <summary>When the catalogue of the national axis is read, and how far it is believed.</summary>
public sealed class CatalogueSyncOptions
{
    public const string Section = "National:Catalogue";

    /// <summary>How often it is read by itself; zero: only when somebody asks.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Every { get; set; }

    /// <summary>What is read by itself is also written; else only shown, and told where letters are concerned.</summary>
    public bool Apply { get; set; }

    /// <summary>
    /// Share of the open national agencies that one reading may close. A list that was cut, or is of somebody else,
    /// closes nothing.
    /// </summary>
    [Range(0d, 1d)]
    public double MostClosed { get; set; } = 0.05;
}
