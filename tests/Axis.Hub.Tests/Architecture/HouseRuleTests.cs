using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Axis.Client;
using Axis.EdXml;
using Axis.LocalServers;

namespace Axis.Hub.Tests.Architecture;

/// <summary>Rules of the house that no compiler knows.</summary>
public sealed class HouseRuleTests
{
    private const int MostLinesOfAProgram = 60;
    private const int MostLinesOfAFile = 450;

    private static readonly IEnumerable<Type> s_types = (
        (Type[])
            [
                typeof(AgencyCode),
                typeof(Axis.Signatures.EnvelopeVerifier),
                typeof(Axis.Vxp.SignedRequest),
                typeof(Axis.NationalSim.NationalSimulator),
                typeof(HubApplication),
                typeof(AxisHttpClient),
                typeof(PrivateServers),
            ]
    )
        .SelectMany(one => one.Assembly.GetTypes())
        .Where(IsWrittenByHand);

    /// <summary>Classes that are meant to be derived from, each with the reason.</summary>
    private static readonly Dictionary<string, string> s_open = [];

    /// <summary>Tests that look again after a moment, each with the reason why <c>Eventually</c> does not do.</summary>
    private static readonly Dictionary<string, string> s_polling = new()
    {
        ["tests/Axis.TestKit/Eventually.cs"] = "is the one polling loop",
        ["tests/Axis.Chaos/Pause.cs"] = "the pace of a load, the length of a fault",
        ["tests/Axis.Resilience.Tests/HubKillTests.cs"] = "a sender that tries again, as one would",
    };

    [Test]
    public void A_class_is_sealed_static_or_abstract() =>
        Assert.That(
            s_types
                .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
                .Select(type => type.FullName!)
                .Except(s_open.Keys),
            Is.Empty
        );

    [Test]
    public void A_name_says_what_a_type_is_not_that_it_is_something() =>
        Assert.That(
            s_types
                .Select(type => type.Name)
                .Where(name =>
                    (
                        (string[])
                            [
                                "Manager",
                                "Helper",
                                "Helpers",
                                "Utils",
                                "Util",
                                "Service",
                                "Repository",
                            ]
                    ).Any(noise => name.EndsWith(noise, StringComparison.Ordinal))
                ),
            Is.Empty
        );

    [Test]
    public void Nothing_static_changes() =>
        Assert.That(
            from type in s_types
            from field in type.GetFields(
                BindingFlags.Static
                    | BindingFlags.Public
                    | BindingFlags.NonPublic
                    | BindingFlags.DeclaredOnly
            )
            where !field.IsInitOnly && !field.IsLiteral
            // Lambdas without captures and expressions with constant bytes are kept by the compiler.
            where
                !field.IsDefined(typeof(CompilerGeneratedAttribute)) && !field.Name.StartsWith('<')
            select $"{type.FullName}.{field.Name}",
            Is.Empty
        );

    [Test]
    public void A_program_is_a_table_of_contents()
    {
        var programs = Sources
            .In("src")
            .Where(file => Path.GetFileName(file.Path) == "Program.cs")
            .ToArray();

        Assert.That(programs, Has.Length.EqualTo(2));
        Assert.That(
            programs.Where(file => file.Lines > MostLinesOfAProgram).Select(file => file.Path),
            Is.Empty
        );
    }

    [Test]
    public void A_file_holds_one_idea_that_fits_in_a_head() =>
        Assert.That(
            Sources
                .In("src")
                .Where(file => file.Lines > MostLinesOfAFile)
                .Select(file => $"{file.Path}: {file.Lines} lines"),
            Is.Empty
        );

    [Test]
    public void Tests_wait_for_a_condition_and_never_for_time()
    {
        string[] waits = ["Task." + "Delay(", "Thread." + "Sleep("];
        Assert.That(
            Sources
                .In("tests")
                .Where(file =>
                    waits.Any(wait => file.Text.Contains(wait, StringComparison.Ordinal))
                )
                .Select(file => file.Path)
                .Except(s_polling.Keys),
            Is.Empty
        );
    }

    [Test]
    public void Every_dependency_has_its_reason_written_down()
    {
        var root = Documents.Root();
        var versions = XDocument
            .Load(Path.Combine(root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(one =>
                (Name: one.Attribute("Include")!.Value, Version: one.Attribute("Version")!.Value)
            )
            .ToArray();
        var reasons = Directory
            .EnumerateFiles(Path.Combine(root, "docs/decisions"), "*.md")
            .SelectMany(File.ReadLines)
            .ToArray();

        Assert.That(versions, Is.Not.Empty);
        Assert.That(
            versions.Where(package =>
                !reasons.Any(line =>
                    Sources.Names(line, package.Name)
                    && line.Contains(package.Version, StringComparison.Ordinal)
                )
            ),
            Is.Empty,
            "no line with name and version in docs/decisions"
        );
    }

    private static bool IsWrittenByHand(Type type) =>
        !type.IsDefined(typeof(CompilerGeneratedAttribute))
        && !type.IsDefined(typeof(GeneratedCodeAttribute))
        && !type.Name.StartsWith('<')
        // A program of top-level statements.
        && type.FullName != "Program"
        && (type.DeclaringType is null || IsWrittenByHand(type.DeclaringType));
}
