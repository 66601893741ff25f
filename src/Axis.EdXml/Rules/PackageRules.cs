namespace Axis.EdXml;

/// <summary>Checks a reading against a profile.</summary>
public static class PackageRules
{
    /// <summary>The reading's own findings and those of the rules, in the order of the package. A package with any <see cref="Severity.Error"/> is to be refused.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="profile">How much is demanded.</param>
    /// <param name="today">The date in Vietnam, for rules about dates.</param>
    public static IReadOnlyList<Finding> Check(
        PackageReading reading,
        RuleProfile profile,
        DateOnly today
    ) => throw new NotSupportedException();
}
