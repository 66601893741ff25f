using System.Reflection;
using System.Xml.Linq;
using Axis.EdXml;

namespace Axis.Hub.Tests.Architecture;

/// <summary>Who may know whom: the table of rooms in docs/architecture.md, held by the tests.</summary>
public sealed class LayeringTests
{
    private static readonly Assembly s_edXml = typeof(AgencyCode).Assembly;
    private static readonly Assembly s_signatures =
        typeof(Axis.Signatures.EnvelopeVerifier).Assembly;
    private static readonly Assembly s_vxp = typeof(Axis.Vxp.SignedRequest).Assembly;
    private static readonly Assembly s_hub = typeof(HubApplication).Assembly;

    [TestCase("Axis.EdXml", "")]
    [TestCase("Axis.Signatures", "Axis.EdXml")]
    [TestCase("Axis.Vxp", "")]
    [TestCase("Axis.Hub", "Axis.EdXml Axis.Signatures Axis.Vxp")]
    [TestCase("Axis.Client", "")]
    [TestCase("Axis.LocalServers", "")]
    [TestCase("Axis.NationalSim", "Axis.EdXml Axis.Signatures Axis.Vxp")]
    [TestCase(
        "Axis.Cli",
        "Axis.Client Axis.EdXml Axis.LocalServers Axis.NationalSim Axis.Signatures"
    )]
    public void A_room_uses_only_the_rooms_it_may(string room, string allowed)
    {
        var project = XDocument.Load(Path.Combine(Documents.Root(), "src", room, room + ".csproj"));
        var used = project
            .Descendants("ProjectReference")
            .Select(reference =>
                Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)
            );

        Assert.That(used, Is.SubsetOf(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Test]
    public void Every_room_is_in_the_table_above()
    {
        var rooms = GetType()
            .GetMethod(nameof(A_room_uses_only_the_rooms_it_may))!
            .GetCustomAttributes<TestCaseAttribute>()
            .Select(row => (string)row.Arguments[0]!);
        var folders = Directory
            .EnumerateDirectories(Path.Combine(Documents.Root(), "src"))
            .Select(folder => Path.GetFileName(folder));

        Assert.That(folders, Is.EquivalentTo(rooms));
    }

    [Test]
    public void The_format_the_signatures_and_the_protocol_know_nothing_of_servers()
    {
        foreach (var assembly in (Assembly[])[s_edXml, s_signatures, s_vxp])
        {
            Assert.That(
                assembly.GetReferencedAssemblies().Select(reference => reference.Name),
                Has.None.Matches<string>(name =>
                    name == "Axis.Hub"
                    || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                    || name.StartsWith("Npgsql", StringComparison.Ordinal)
                    || name.StartsWith("RabbitMQ", StringComparison.Ordinal)
                ),
                assembly.GetName().Name
            );
        }
    }

    [Test]
    public void Only_the_broker_folder_touches_RabbitMQ()
    {
        var users = s_hub
            .GetTypes()
            .Where(type => TypesSeenIn(type).Any(IsOfRabbitMQ))
            .Select(type => type.Namespace)
            .Distinct();
        var files = Sources
            .In("src/Axis.Hub")
            .Where(file => file.Text.Contains("using RabbitMQ", StringComparison.Ordinal))
            .Select(file => Path.GetDirectoryName(file.Path))
            .Distinct();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(users, Is.EqualTo(new[] { "Axis.Hub.Broker" }));
            Assert.That(files, Is.EqualTo(new[] { "src/Axis.Hub/Broker" }));
        }
    }

    /// <summary>Authorities are asked in the background, never in the way of a letter (docs/trust.md).</summary>
    [Test]
    public void Intake_asks_no_authority_and_only_one_place_goes_out_to_ask()
    {
        string[] background =
        [
            nameof(Axis.Hub.Trust.Revocation.RevocationFetch),
            nameof(Axis.Hub.Trust.Revocation.RevocationCheck),
            nameof(Axis.Hub.Trust.Revocation.RevocationTable),
            nameof(Axis.Hub.Trust.Revocation.RevocationRefresh),
        ];
        var intake = Sources.In("src/Axis.Hub/Intake").ToArray();
        Assert.That(intake, Is.Not.Empty);
        Assert.That(
            intake
                .Where(file => background.Any(name => Sources.Names(file.Text, name)))
                .Select(file => file.Path),
            Is.Empty
        );
        Assert.That(
            Sources
                .In("src/Axis.Hub/Trust")
                .Where(file => Sources.Names(file.Text, "HttpClient"))
                .Select(file => file.Path),
            Is.EqualTo(new[] { "src/Axis.Hub/Trust/Revocation/RevocationFetch.cs" })
        );
    }

    [Test]
    public void A_feature_does_not_use_the_endpoints_of_another()
    {
        var endpoints = s_hub
            .GetTypes()
            .Where(type =>
                type.Name.EndsWith("Endpoint", StringComparison.Ordinal)
                || type.Name.EndsWith("Endpoints", StringComparison.Ordinal)
            )
            .ToArray();
        Assert.That(endpoints, Has.Length.GreaterThan(5));

        var trespasses =
            from file in Sources.In("src/Axis.Hub")
            where file.Path != "src/Axis.Hub/HubApplication.cs"
            from endpoint in endpoints
            where
                NamespaceOf(file.Path) != endpoint.Namespace
                && Sources.Names(file.Text, endpoint.Name)
            select $"{file.Path} uses {endpoint.Name}";
        Assert.That(trespasses, Is.Empty);
    }

    private static string NamespaceOf(string path) =>
        "Axis." + Path.GetDirectoryName(path)!["src/Axis.".Length..].Replace('/', '.');

    /// <summary>All types that a type's outside, fields and local variables are made of.</summary>
    private static IEnumerable<Type> TypesSeenIn(Type type)
    {
        const BindingFlags all =
            BindingFlags.Public
            | BindingFlags.NonPublic
            | BindingFlags.Instance
            | BindingFlags.Static
            | BindingFlags.DeclaredOnly;
        var methods = type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all));
        return
        [
            .. type.BaseType is { } parent ? (Type[])[parent] : [],
            .. type.GetInterfaces(),
            .. type.GetFields(all).Select(field => field.FieldType),
            .. type.GetProperties(all).Select(property => property.PropertyType),
            .. type.GetMethods(all).Select(method => method.ReturnType),
            .. methods
                .SelectMany(method => method.GetParameters())
                .Select(one => one.ParameterType),
            .. methods.SelectMany(method =>
                (method.GetMethodBody()?.LocalVariables ?? []).Select(local => local.LocalType)
            ),
        ];
    }

    private static bool IsOfRabbitMQ(Type type) =>
        type.Assembly.GetName().Name!.StartsWith("RabbitMQ", StringComparison.Ordinal)
        || (type.HasElementType && IsOfRabbitMQ(type.GetElementType()!))
        || type.GenericTypeArguments.Any(IsOfRabbitMQ);
}
