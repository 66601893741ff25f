namespace Axis.Cli.Testing;

/// <summary>Which tests run, in the words of <c>dotnet test</c>.</summary>
/// <param name="IsWhole">Everything that runs without being named.</param>
internal sealed record TestSelection(IReadOnlyList<string> Arguments, bool IsWhole = false)
{
    // What runs only when named is not a skipped test.
    private const string NotExplicit = "Explicit != true";

    public static TestSelection Of(string? filter, bool longOnes) =>
        (filter, longOnes) switch
        {
            (_, true) => new(["--filter", "Category=Long"]),
            (null or "", _) => new(["--", $"NUnit.Where={NotExplicit}"], IsWhole: true),
            ({ } expression, _) when expression.AsSpan().IndexOfAny("=~") >= 0 => new([
                "--filter",
                expression,
            ]),
            ({ } part, _) => new(["--filter", $"FullyQualifiedName~{part}"]),
        };

    /// <param name="fixtures">As results name them: a fixture with arguments is its class with them in brackets.</param>
    public static TestSelection OfClasses(IEnumerable<string> fixtures)
    {
        var classes = fixtures.Select(name => name.Split('(')[0]).Distinct();
        return new([
            "--",
            $"NUnit.Where=({string.Join(" || ", classes.Select(name => $"class == '{name}'"))}) && {NotExplicit}",
        ]);
    }
}
