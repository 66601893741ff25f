namespace Axis.Hub.Operations.Doctor;

/// <summary>The names in <c>synchronous_standby_names</c> (PostgreSQL, 20.6.2): <c>FIRST 1 (a, "b-2")</c>, <c>ANY 2 (a, b)</c>, or bare.</summary>
public static class StandbyNames
{
    /// <summary>Those that are named and not connected; none where any standby will do (<c>*</c>).</summary>
    public static IReadOnlyList<string> Missing(
        string setting,
        IReadOnlyCollection<string> connected
    ) =>
        [
            .. Of(setting)
                .Where(name => name != "*")
                .Where(name => !connected.Contains(name, StringComparer.OrdinalIgnoreCase)),
        ];

    public static IReadOnlyList<string> Of(string setting)
    {
        var open = setting.IndexOf('(', StringComparison.Ordinal);
        var close = setting.LastIndexOf(')');
        var list = open >= 0 && close > open ? setting[(open + 1)..close] : setting;
        return
        [
            .. list.Split(
                    ',',
                    StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                )
                .Select(name => name.Trim('"')),
        ];
    }
}
