using Axis.EdXml;
using Axis.Hub.Errors;

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

    [Test]
    public void The_errors_page_says_what_the_code_says() =>
        Documents.AssertIs("docs/errors.md", ErrorsPage.Write());
}
