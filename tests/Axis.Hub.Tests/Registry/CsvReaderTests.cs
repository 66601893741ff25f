using Axis.Hub.Registry.Import;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.Hub.Tests.Registry;

public sealed class CsvReaderTests
{
    [Test]
    public void Fields_are_what_stands_between_commas()
    {
        Assert.That(
            Texts("a,b\r\n1,\n,\"x, \"\"y\"\"\nz\"\n"),
            Is.EqualTo(new[] { new[] { "a", "b" }, ["1", ""], ["", "x, \"y\"\nz"] })
        );
    }

    [Test]
    public void Blank_lines_and_a_missing_last_line_break_do_not_matter() =>
        Assert.That(Texts("\n\na,b\n\nc,d"), Is.EqualTo(new[] { new[] { "a", "b" }, ["c", "d"] }));

    [Test]
    public void Every_field_knows_where_it_begins()
    {
        var fields = CsvReader.Read(new StringReader("a,\"b\nc\",d\n,e\n")).SelectMany(row => row);
        Assert.That(
            fields,
            Is.EqualTo(
                new CsvField[]
                {
                    new("a", 1, 1),
                    new("b\nc", 1, 3),
                    new("d", 2, 4),
                    new("", 3, 1),
                    new("e", 3, 2),
                }
            )
        );
    }

    [TestCase("a,\"b", 1, 3)]
    [TestCase("a\nb,c\"d", 2, 4)]
    [TestCase("\"a\"b", 1, 4)]
    [TestCase("a\rb", 1, 3)]
    public void What_is_no_csv_is_refused_at_its_place(string text, int line, int column)
    {
        var broken = Assert.Throws<CsvException>(() => Texts(text))!;
        Assert.That((broken.Line, broken.Column), Is.EqualTo((line, column)));
        Assert.That(broken.MessageVi, Is.Not.Empty);
    }

    [Test]
    public void What_is_written_is_read()
    {
        var field = ArbMap.Default.ArbFor<NonNull<string>>().Generator.Select(text => text.Get);
        var row = field.NonEmptyListOf().Select(fields => fields.Prepend("first").ToArray());
        Prop.ForAll(
                row.ListOf().ToArbitrary(),
                rows => Texts(Written(rows)).SequenceEqual(rows, new SameRow())
            )
            .QuickCheckThrowOnFailure();
    }

    [Test]
    public void Any_text_is_read_or_refused_at_a_place()
    {
        var text = Gen.Elements("a", "\"", ",", "\n", "\r\n", "\r", "ế").ListOf();
        Prop.ForAll(text.Select(string.Concat).ToArbitrary(), IsReadOrRefused)
            .QuickCheckThrowOnFailure();
    }

    private static bool IsReadOrRefused(string text)
    {
        try
        {
            Texts(text);
            return true;
        }
        catch (CsvException refused)
        {
            return refused.Line > 0 && refused.Column > 0;
        }
    }

    private static string Written(IEnumerable<string[]> rows) =>
        string.Concat(
            rows.Select(row =>
                string.Join(',', row.Select(text => $"\"{text.Replace("\"", "\"\"")}\"")) + "\r\n"
            )
        );

    private static string[][] Texts(string csv) =>
        [
            .. CsvReader
                .Read(new StringReader(csv))
                .Select(row => row.Select(field => field.Text).ToArray()),
        ];

    private sealed class SameRow : IEqualityComparer<string[]>
    {
        public bool Equals(string[]? x, string[]? y) => x!.SequenceEqual(y!);

        public int GetHashCode(string[] obj) => obj.Length;
    }
}
