using System.Text.RegularExpressions;
using System.Xml.Linq;
using Axis.Hub.Intake;
using YamlDotNet.RepresentationModel;

namespace Axis.Hub.Tests.Operations;

/// <summary>
/// The files of deploy/ name each other's objects, labels, hosts, ports and sizes. No cluster is at hand to notice when
/// they disagree, so this does.
/// </summary>
public sealed partial class DeploymentTests
{
    private static readonly YamlMappingNode[] s_objects =
    [
        .. new[] { "hub.yaml", "rabbitmq.yaml", "postgresql.yaml" }.SelectMany(ObjectsOf),
    ];

    private static readonly string s_broker = NameOf("RabbitmqCluster");
    private static readonly string s_database = NameOf("Cluster");

    [Test]
    public void RabbitMQ_may_ask_the_hub_who_may_log_in()
    {
        var from = At(Of("NetworkPolicy"), "spec", "ingress");
        var selectors = Scalars(from, "podSelector").ToArray();

        // The Cluster Operator labels its pods with the cluster's name.
        Assert.That(selectors, Is.EqualTo(new[] { s_broker }));
    }

    [Test]
    public void Who_may_ask_asks_at_the_service_of_the_operations_listener()
    {
        var settings = Text(At(Of("RabbitmqCluster"), "spec", "rabbitmq", "additionalConfig"));
        var asked = AuthAddress()
            .Matches(settings)
            .Select(match => (match.Groups["host"].Value, match.Groups["port"].Value))
            .Distinct()
            .ToArray();
        var service = s_objects
            .Where(one => Text(At(one, "kind")) == "Service")
            .Single(one => Text(At(one, "metadata", "name")) == asked[0].Item1);

        Assert.That(asked, Has.Length.EqualTo(1));
        Assert.That(
            Text(At(((YamlSequenceNode)At(service, "spec", "ports"))[0], "port")),
            Is.EqualTo(asked[0].Item2)
        );
        Assert.That(
            ListenedPort(Text(At(Of("ConfigMap"), "data", "Listen__Ops"))),
            Is.EqualTo(asked[0].Item2)
        );
    }

    [Test]
    public void Every_host_that_the_hub_is_told_of_is_one_that_an_operator_makes()
    {
        var secret = (YamlMappingNode)At(ObjectsOf("secret.example.yaml").Single(), "stringData");
        var hosts = secret
            .Children.Values.Select(Text)
            .SelectMany(text => UserAddress().Matches(text))
            .Select(match => match.Groups["host"].Value)
            .Concat(
                DatabaseHost()
                    .Matches(Read("deploy/kubernetes/hub.yaml"))
                    .Select(match => match.Groups["host"].Value)
            )
            .ToArray();

        Assert.That(hosts, Has.Length.EqualTo(3), "message broker, management, database");
        Assert.That(hosts.Distinct(), Is.EquivalentTo(new[] { s_broker, $"{s_database}-rw" }));
    }

    [Test]
    public void Every_secret_that_the_hub_reads_is_in_the_example_or_made_by_the_operator()
    {
        var example = ObjectsOf("secret.example.yaml").Single();
        var keys = ((YamlMappingNode)At(example, "stringData")).Children.Keys.Select(Text);
        var known = keys.Select(key => (Text(At(example, "metadata", "name")), key))
            .Append(($"{s_database}-app", "password"))
            .ToArray();
        var read = SecretKey()
            .Matches(Read("deploy/kubernetes/hub.yaml"))
            .Select(match => (match.Groups["name"].Value, match.Groups["key"].Value))
            .ToArray();

        Assert.That(read, Is.Not.Empty);
        Assert.That(read.Distinct(), Is.SubsetOf(known));
        Assert.That(
            ((YamlMappingNode)At(example, "stringData")).Children.Values.Select(Text),
            Has.All.Contains("CHANGE-ME")
        );
    }

    [Test]
    public void The_steps_name_the_objects_of_the_files_and_the_accounts_of_the_secret()
    {
        var steps = Read("deploy/kubernetes/README.md");
        foreach (
            var account in UserAddress().Matches(Read("deploy/kubernetes/secret.example.yaml"))
        )
        {
            Assert.That(steps, Does.Contain($"add_user {((Match)account).Groups["user"].Value} "));
        }
        Assert.That(steps, Does.Contain($"cluster.postgresql.cnpg.io/{s_database}"));
        Assert.That(steps, Does.Contain($"rabbitmqcluster/{s_broker}"));
        Assert.That(steps, Does.Contain($"exec {s_broker}-server-0"));
    }

    [Test]
    public void Replicas_that_must_outlive_a_machine_are_kept_on_several()
    {
        var pod = At(Of("Deployment"), "spec", "template");
        var spread = ((YamlSequenceNode)At(pod, "spec", "topologySpreadConstraints"))[0];

        Assert.That(Text(At(spread, "topologyKey")), Is.EqualTo("kubernetes.io/hostname"));
        Assert.That(
            At(spread, "labelSelector", "matchLabels"),
            Is.EqualTo(At(pod, "metadata", "labels"))
        );
    }

    [TestCase("deploy/rabbitmq/rabbitmq.conf")]
    [TestCase("deploy/compose/rabbitmq.conf")]
    [TestCase("deploy/kubernetes/rabbitmq.yaml")]
    public void RabbitMQ_takes_the_largest_package_that_the_hub_does(string file)
    {
        var size = long.Parse(
            MessageSize().Match(Read(file)).Groups["bytes"].Value,
            System.Globalization.CultureInfo.InvariantCulture
        );
        // Room for what surrounds it, and no more than RabbitMQ 3 can be told.
        Assert.That(
            size,
            Is.InRange(new IntakeOptions().MaxPackageBytes + (1 << 20), 128L * 1024 * 1024)
        );
    }

    [TestCase("Listen__Http")]
    [TestCase("Listen__Ops")]
    [TestCase("Listen__KnownProxies__0")]
    [TestCase("Broker__Uris__0")]
    [TestCase("Broker__ManagementUri")]
    [TestCase("management.tcp.ip")]
    public void On_plain_hosts_nothing_that_others_ask_listens_on_loopback(string setting)
    {
        var value = HostsValue(setting);
        Assert.That(value, Does.Not.Contain("127.0.0.1").And.Not.Contain("localhost"));
        Assert.That(
            value,
            Does.Not.Contain("0.0.0.0"),
            "the load balancer's port on the same machine"
        );
    }

    [Test]
    public void On_plain_hosts_the_load_balancer_asks_where_the_hub_listens()
    {
        var page = Read("deploy/hosts/README.md");
        var (http, ops) = (new Uri(HostsValue("Listen__Http")), new Uri(HostsValue("Listen__Ops")));

        Assert.That(page, Does.Contain($"server hub-1 {http.Authority}\n"));
        Assert.That(page, Does.Contain($"server hub-1 {ops.Authority}\n"));
        Assert.That(page, Does.Contain($"check port {ops.Port} "));
        // What RabbitMQ asks is bound, and believed as a proxy is.
        var shared = HubOps().Match(page).Groups["address"].Value;
        Assert.That(page, Does.Contain($"bind {shared}\n"));
        Assert.That(HostsValue("Listen__KnownProxies__0"), Is.EqualTo($"{ops.Host}/32"));
    }

    [Test]
    public void On_one_machine_the_example_calls_RabbitMQ_where_it_listens()
    {
        var settings = Read("deploy/systemd/hub.env.example");
        var broker = Read("deploy/rabbitmq/rabbitmq.conf");
        var management = new Uri(Value(settings, "Broker__ManagementUri"));

        Assert.That(management.Host, Is.EqualTo(Value(broker, "management.tcp.ip")));
        Assert.That($"{management.Port}", Is.EqualTo(Value(broker, "management.tcp.port")));
    }

    [Test]
    public void The_image_is_built_from_every_file_that_the_hub_is_made_of()
    {
        var copied = Copy()
            .Matches(Read("deploy/Dockerfile"))
            .SelectMany(match => match.Groups["from"].Value.Split(' '))
            .Select(path => path.TrimEnd('/'))
            .ToArray();
        var seen = Read("deploy/Dockerfile.dockerignore")
            .Split('\n')
            .Where(line => line.StartsWith('!'))
            .Select(line => line[1..].Trim())
            .ToArray();
        var needed = ProjectsOf("src/Axis.Hub/Axis.Hub.csproj")
            .SelectMany(project => FilesOf(project).Append(Path.GetDirectoryName(project)!))
            .Distinct()
            .ToArray();

        Assert.That(needed, Does.Contain("contracts/openapi.yaml"));
        foreach (var file in needed)
        {
            Assert.That(copied.Any(from => IsIn(file, from)), Is.True, $"{file} is not copied");
            Assert.That(seen.Any(from => IsIn(file, from)), Is.True, $"{file} is not sent");
        }

        static bool IsIn(string file, string folder) =>
            file == folder || file.StartsWith(folder + "/", StringComparison.Ordinal);
    }

    /// <summary>A project and all that it refers to, from the root of the repository.</summary>
    private static IEnumerable<string> ProjectsOf(string project) =>
        ReferencesOf(project, "ProjectReference").SelectMany(ProjectsOf).Prepend(project);

    /// <summary>Files outside of its folder that a project takes in.</summary>
    private static IEnumerable<string> FilesOf(string project) =>
        ReferencesOf(project, "EmbeddedResource")
            .Concat(ReferencesOf(project, "Content"))
            .Concat(ReferencesOf(project, "None"))
            .Concat(ReferencesOf(project, "AdditionalFiles"));

    private static IEnumerable<string> ReferencesOf(string project, string kind) =>
        XDocument
            .Parse(Read(project))
            .Descendants(kind)
            .Select(one => one.Attribute("Include")?.Value)
            .OfType<string>()
            .Where(path => path.StartsWith("../", StringComparison.Ordinal))
            .Select(path =>
                Path.GetRelativePath(
                    Documents.Root(),
                    Path.Combine(Documents.Root(), Path.GetDirectoryName(project)!, path)
                )
            );

    private static IEnumerable<YamlMappingNode> ObjectsOf(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Read($"deploy/kubernetes/{file}")));
        return yaml.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    private static YamlMappingNode Of(string kind) =>
        s_objects.Single(one => Text(At(one, "kind")) == kind);

    private static string NameOf(string kind) => Text(At(Of(kind), "metadata", "name"));

    private static YamlNode At(YamlNode node, params string[] path) =>
        path.Aggregate(node, (at, name) => ((YamlMappingNode)at)[name]);

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    /// <summary>All text below every node of a name.</summary>
    private static IEnumerable<string> Scalars(YamlNode node, string name) =>
        node
            .AllNodes.OfType<YamlMappingNode>()
            .Where(mapping => mapping.Children.ContainsKey(name))
            .SelectMany(mapping =>
                ((YamlMappingNode)At(mapping[name], "matchLabels")).Children.Values.Select(Text)
            );

    private static string ListenedPort(string address) => $"{new Uri(address).Port}";

    private static string HostsValue(string setting) =>
        Value(Read("deploy/hosts/README.md"), setting);

    /// <summary>What the line of a setting says, without a comment behind it.</summary>
    private static string Value(string text, string setting)
    {
        var line = text.Split('\n')
            .Single(one =>
                one.StartsWith(setting + "=", StringComparison.Ordinal)
                || one.StartsWith(setting + " =", StringComparison.Ordinal)
            );
        return line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(" #")[0].Trim();
    }

    private static string Read(string file) =>
        File.ReadAllText(Path.Combine(Documents.Root(), file));

    [GeneratedRegex(
        @"auth_http\.\w+_path = http://(?<host>[^:/]+):(?<port>\d+)/",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex AuthAddress();

    [GeneratedRegex(
        @"://(?<user>[^:@/\s]+):[^@\s]+@(?<host>[^:/]+):\d+/",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex UserAddress();

    [GeneratedRegex(@"value: Host=(?<host>[^;]+);", RegexOptions.NonBacktracking)]
    private static partial Regex DatabaseHost();

    [GeneratedRegex(
        @"secretKeyRef: \{name: (?<name>[^,]+), key: (?<key>[^}]+)\}",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex SecretKey();

    [GeneratedRegex(
        @"^\s*max_message_size = (?<bytes>\d+)\s*$",
        RegexOptions.Multiline | RegexOptions.NonBacktracking
    )]
    private static partial Regex MessageSize();

    [GeneratedRegex(
        @"^COPY (?<from>[^-].*) \S+$",
        RegexOptions.Multiline | RegexOptions.NonBacktracking
    )]
    private static partial Regex Copy();

    [GeneratedRegex(
        @"`HUB_OPS` is the shared address, `(?<address>[^`]+)`",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex HubOps();
}
