using System.Text;
using System.Text.Json.Nodes;
using Axis.EdXml;

namespace Axis.Cli.Tests;

[TestFixture]
public class ExtractTests : FolderTest
{
    [TestCase("../outside.txt")]
    [TestCase("..\\outside.txt")]
    [TestCase("/tmp/../../outside.txt")]
    [TestCase("sub/../../outside.txt")]
    public async Task An_attachment_cannot_leave_the_folder(string name)
    {
        var package = await PackageAsync((name, "attack"));
        var run = await CliRun.OfAsync("inspect", package, "--extract", In("out"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Everything(), Is.EquivalentTo(new[] { "attack.edxml", "out/outside.txt" }));
    }

    [Test]
    public async Task A_file_that_is_there_is_not_written_over()
    {
        Write(Path.Combine("out", "a.txt"), "mine");
        var package = await PackageAsync(("a.txt", "first"), ("x/a.txt", "second"));
        var run = await CliRun.OfAsync("inspect", package, "--extract", In("out"), "--json");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Read("a.txt"), Is.EqualTo("mine"));
        Assert.That(Read("a (2).txt"), Is.EqualTo("first"));
        Assert.That(Read("a (3).txt"), Is.EqualTo("second"));
        Assert.That(
            JsonNode.Parse(run.Output)!["attachments"]!
                .AsArray()
                .Select(one => one!["extracted"]!["file"]!.GetValue<string>()),
            Is.EqualTo(new[] { In("out", "a (2).txt"), In("out", "a (3).txt") })
        );
    }

    [Test]
    public async Task A_link_that_lies_in_wait_is_not_followed()
    {
        Directory.CreateDirectory(In("out"));
        File.CreateSymbolicLink(In("out", "a.txt"), In("victim.txt"));
        var package = await PackageAsync(("a.txt", "attack"));
        var run = await CliRun.OfAsync("inspect", package, "--extract", In("out"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(File.Exists(In("victim.txt")), Is.False);
        Assert.That(Read("a (2).txt"), Is.EqualTo("attack"));
    }

    [Test]
    public async Task A_name_of_300_Vietnamese_characters_fits()
    {
        var package = await PackageAsync((new string('ữ', 300) + ".pdf", "x"));
        var run = await CliRun.OfAsync("inspect", package, "--extract", In("out"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Directory.GetFiles(In("out"), "*.pdf"), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Half_an_attachment_is_not_left_behind()
    {
        var package = await PackageAsync(("a.txt", new string('a', 100_000)));
        var text = await File.ReadAllTextAsync(package);
        await File.WriteAllTextAsync(
            package,
            text.Replace(
                "</edXML:ContentTransferEncoded>",
                "#</edXML:ContentTransferEncoded>",
                StringComparison.Ordinal
            )
        );
        var run = await CliRun.OfAsync("inspect", package, "--extract", In("out"));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("a.txt: not written"));
        Assert.That(Directory.GetFileSystemEntries(In("out")), Is.Empty);
    }

    private string Read(string name) => File.ReadAllText(In("out", name));

    private IEnumerable<string> Everything() =>
        Directory
            .GetFiles(In(), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(In(), file).Replace('\\', '/'));

    private async Task<string> PackageAsync(params (string Name, string Content)[] files)
    {
        var path = In("attack.edxml");
        await using var output = File.Create(path);
        await PackageWriter.WriteAsync(
            new DocumentDraft
            {
                Header = new DocumentHeader { From = new Party { OrganId = "H99" } },
                Attachments =
                [
                    .. files.Select(
                        (file, i) =>
                            new AttachmentDraft
                            {
                                ContentId = $"cid:{i}",
                                Name = file.Name,
                                ContentType = "text/plain",
                                Open = () => new MemoryStream(Encoding.UTF8.GetBytes(file.Content)),
                            }
                    ),
                ],
            },
            output,
            CancellationToken.None
        );
        return path;
    }
}
