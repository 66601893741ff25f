using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.TestKit;

/// <summary>Keys made for this run. Making one takes a tenth of a second, so fixtures share them.</summary>
public static class TestKeys
{
    private static readonly DateTimeOffset s_from = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_to = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<DemoAuthority> s_authority = new(() =>
        new DemoAuthority(s_from.AddYears(-10), s_to, keySize: 2048)
    );

    private static readonly ConcurrentDictionary<string, X509Certificate2> s_keys = new(
        StringComparer.Ordinal
    );

    public static X509Certificate2 Of(string code) =>
        s_keys.GetOrAdd(
            code,
            static code =>
                s_authority.Value.Issue(code, "Cơ quan " + code, s_from, s_to).Certificate
        );

    public static X509Certificate2 ExpiredOf(string code) =>
        s_keys.GetOrAdd(
            code + " expired",
            _ =>
                s_authority
                    .Value.Issue(code, "Cơ quan " + code, s_from.AddYears(-5), s_from.AddYears(-1))
                    .Certificate
        );
}
