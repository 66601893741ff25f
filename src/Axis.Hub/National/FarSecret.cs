using Axis.Signatures;

namespace Axis.Hub.National;

/// <summary>A secret in a file, read anew when the file changes, so that a rotation needs no restart.</summary>
internal sealed class FarSecret(string path)
{
    private readonly Lock _lock = new();
    private FileVersion? _version;
    private string _value = "";

    /// <exception cref="IOException">The file cannot be read.</exception>
    public string Value
    {
        get
        {
            lock (_lock)
            {
                var version = FileVersion.Of(path);
                if (version != _version || _value.Length == 0)
                {
                    _value = File.ReadAllText(path).Trim();
                    _version = version;
                }
                return _value;
            }
        }
    }
}
