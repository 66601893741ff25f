using System.Text.RegularExpressions;
using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.Hub.Tests.Architecture;

namespace Axis.Hub.Tests;

public sealed class ErrorCatalogueTests
{
    [Test]
    public void Every_error_has_a_number_of_its_own()
    {
        var numbers = ErrorCatalogue
            .All.Select(error => error.Number)
            .Concat(Rules.All.Select(rule => rule.Number))
            .ToArray();

        Assert.That(numbers, Is.Unique);
    }

    [Test]
    public void Every_error_speaks_both_languages_and_stays_in_its_range()
    {
        foreach (var error in ErrorCatalogue.All)
        {
            Assert.That(error.Message, Is.Not.Empty.And.Not.EqualTo(error.MessageVi), error.Name);
            Assert.That(error.Number, Is.InRange(2000, 9999), error.Name);
            Assert.That(error.HttpStatus, Is.InRange(400, 599), error.Name);
        }
    }

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static readonly Regex s_placeholder = new(@"\{[^}]*\}", RegexOptions.NonBacktracking);

    // Words that every English sentence has some of and no Vietnamese one, written without accents.
    private static readonly Regex s_english = new(
        @"\b(the|a|an|of|and|or|is|are|was|were|not|has|have|with|from|for|expected|needed|number|must|which)\b",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    );

    [Test]
    public void No_Vietnamese_sentence_has_English_in_it()
    {
        var sentences = ErrorCatalogue
            .All.Select(error => (error.Number, error.MessageVi))
            .Concat(Rules.All.Select(rule => (rule.Number, MessageVi: rule.TemplateVi)))
            .Select(one => (one.Number, MessageVi: s_placeholder.Replace(one.MessageVi, "…")));
        Assert.That(
            sentences
                .Where(one => s_english.IsMatch(one.MessageVi))
                .Select(one => $"{one.Number}: {one.MessageVi}"),
            Is.Empty
        );
    }

    private static readonly string[] s_rooms =
    [
        "Access",
        "Delivery",
        "Errors",
        "Intake",
        "Operations",
        "Registry",
        "Trust",
    ];

    [Test]
    public void What_is_put_into_a_sentence_has_both_languages()
    {
        // A word of English between the quotes of an argument; what has two languages stands in Words.
        var said = s_rooms
            .SelectMany(room => Sources.In($"src/Axis.Hub/{room}"))
            .Where(file =>
                Sources.Names(file.Text, "ErrorItem")
                || file.Text.Contains("Problem.Of", StringComparison.Ordinal)
            )
            .SelectMany(file =>
                s_call
                    .Matches(file.Text)
                    .Select(call => s_words.Replace(call.Value, "Words"))
                    .SelectMany(call => s_literal.Matches(call))
                    .Where(literal =>
                        literal.Value.Contains(' ', StringComparison.Ordinal)
                        && s_english.IsMatch(literal.Value)
                    )
                    .Select(literal => $"{file.Path}: {literal.Value}")
            );
        Assert.That(said, Is.Empty);
    }

    [Test]
    public void A_word_is_put_into_each_sentence_in_its_language()
    {
        var error = RequestErrors.BadParameter.At(
            null,
            null,
            "limit",
            new Words("a number", "một số")
        );
        Assert.That(error.Message, Does.EndWith("a number was expected."));
        Assert.That(error.MessageVi, Does.EndWith("cần một số."));
        Assert.That(Words.Range(1, 1000).Vi, Is.EqualTo("từ 1 đến 1000"));
    }

    private static readonly Regex s_call = new(
        @"(Errors\.[A-Z][A-Za-z]*\.At|\bRefuse(<[A-Za-z?]+>)?|\bWrong|\bBad|\bMissAsync)\((?>[^()""]+|""(?>[^""\\]|\\.)*""|(?<open>\()|(?<-open>\)))*\)",
        RegexOptions.ExplicitCapture,
        s_patience
    );

    private static readonly Regex s_words = new(
        @"new Words\((?>[^()""]+|""(?>[^""\\]|\\.)*"")*\)",
        RegexOptions.ExplicitCapture,
        s_patience
    );

    private static readonly Regex s_literal = new(
        @"""(?>[^""\\]|\\.)*""",
        RegexOptions.ExplicitCapture,
        s_patience
    );

    [Test]
    public void The_errors_page_says_what_the_code_says() =>
        Documents.AssertIs("docs/errors.md", ErrorsPage.Write());
}
