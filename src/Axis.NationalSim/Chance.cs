using System.Security.Cryptography;
using System.Text;

namespace Axis.NationalSim;

/// <summary>Chance that depends on a name and a seed alone, so that a run can be repeated whatever happens in between.</summary>
internal sealed class Chance
{
    private readonly byte[] _name;
    private int _draws;

    private Chance(byte[] name) => _name = name;

    public static Chance Of(string name, int seed) => new(Encoding.UTF8.GetBytes($"{seed}:{name}"));

    /// <summary>From 0 up to but not including 1.</summary>
    public double Next()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. _name, (byte)_draws, (byte)(_draws >> 8)], hash);
        _draws++;
        return (BitConverter.ToUInt64(hash) >> 11) / (double)(1UL << 53);
    }

    public int Below(int limit) => (int)(Next() * limit);

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Next());
}
