using System.Globalization;

namespace Axis.NationalSim.Exchange;

/// <summary>Ids as the national axis gives them: 24 hexadecimal digits, of the second, the run and a count.</summary>
internal sealed class DocIds(int seed)
{
    private int _count;

    /// <summary>As many have been given already.</summary>
    public void Skip(int count) => _count += count;

    public string Next(DateTimeOffset now) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(uint)now.ToUnixTimeSeconds():x8}{(uint)seed:x8}{(uint)++_count:x8}"
        );
}
