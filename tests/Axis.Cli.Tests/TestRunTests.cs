using System.Xml.Linq;
using Axis.Cli.Testing;

namespace Axis.Cli.Tests;

/// <summary>What is made of the result files of a run, and of a second run of what failed in the first.</summary>
public sealed class TestRunTests
{
    private const string Aborted =
        "The active test run was aborted. Reason: Test host process crashed";

    [Test]
    public void A_set_up_that_failed_is_run_again_like_a_test_that_failed()
    {
        var run = Read(
            1,
            [("A.SomeTests", "One", "Failed"), ("B.OtherTests", "One", "Passed")],
            "Setup failed for test fixture A.SomeTests",
            "SetUp : System.TimeoutException : the broker was late"
        );
        Assert.That(run.IsBroken, Is.False);
        Assert.That(run.FailedClasses, Is.EqualTo(new[] { "A.SomeTests" }));
        Assert.That($"{run.Tally}", Is.EqualTo("1 passed, 1 failed, 0 skipped"));
    }

    [Test]
    public void A_tear_down_that_failed_fails_the_tests_of_its_fixture_and_no_others()
    {
        var run = Read(
            1,
            [
                ("A.SomeTests(True)", "One", "Passed"),
                ("A.SomeTests(True)", "Two", "NotExecuted"),
                ("A.SomeTests(False)", "One", "Passed"),
            ],
            "TearDown failed for test fixture A.SomeTests(True)",
            "TearDown : System.IO.IOException : not empty"
        );
        Assert.That(run.IsBroken, Is.False);
        Assert.That(run.Failed, Is.EqualTo(new[] { "A.SomeTests(True).One" }));
        Assert.That($"{run.Tally}", Is.EqualTo("1 passed, 1 failed, 1 skipped"));
    }

    [TestCase(Aborted)]
    [TestCase("Something nobody has heard of")]
    [TestCase("Setup failed for test fixture A.SomeTests", "SetUp : x", Aborted)]
    [TestCase("Setup failed for test fixture A.SomeTests", Aborted)]
    public void An_error_of_the_run_itself_breaks_it_whatever_its_tests_say(params string[] errors)
    {
        var run = Read(1, [("A.SomeTests", "One", "Passed"), ("A.X", "Two", "Failed")], errors);
        Assert.That(run.IsBroken, Is.True);
        Assert.That(run.Tally.IsGreen, Is.False);
    }

    [Test]
    public void A_run_that_ended_badly_without_a_failure_is_broken() =>
        Assert.That(Read(1, [("A.SomeTests", "One", "Passed")]).IsBroken, Is.True);

    [Test]
    public void Only_what_passed_each_time_it_was_run_again_has_passed_late()
    {
        var first = Read(
            1,
            [
                ("A.SomeTests", "Late", "Failed"),
                ("A.SomeTests", "Never", "Failed"),
                ("A.SomeTests", "Twins", "Failed"),
                ("A.SomeTests", "Twins", "Failed"),
                ("A.SomeTests", "Apart", "Failed"),
            ]
        );
        var second = Read(
            1,
            [
                ("A.SomeTests", "Late", "Passed"),
                ("A.SomeTests", "Never", "Failed"),
                ("A.SomeTests", "Twins", "Passed"),
                ("A.SomeTests", "Twins", "Passed"),
                ("A.SomeTests", "Apart", "Passed"),
                ("A.SomeTests", "Apart", "Failed"),
            ]
        );
        Assert.That(
            first.PassedOnlyIn(second),
            Is.EqualTo(new[] { "A.SomeTests.Late", "A.SomeTests.Twins", "A.SomeTests.Twins" })
        );
    }

    [TestCase(2, true, true)]
    [TestCase(2, false, false)]
    [TestCase(1, true, false)]
    [TestCase(0, true, false)]
    public void A_run_is_green_when_all_that_failed_passed_late_and_nothing_died(
        int passedLate,
        bool secondIsWhole,
        bool isGreen
    )
    {
        var tally = new TestTally(10, 2, 1, IsWhole: true).AfterSecondRun(
            passedLate,
            secondIsWhole
        );
        Assert.That(tally.IsGreen, Is.EqualTo(isGreen));
        Assert.That(
            $"{tally}",
            Is.EqualTo($"{10 + passedLate} passed, {2 - passedLate} failed, 1 skipped")
        );
    }

    private static TestRun Read(
        int exitCode,
        (string Class, string Name, string Outcome)[] tests,
        params string[] errors
    )
    {
        XNamespace trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
        var file = new XDocument(
            new XElement(
                trx + "TestRun",
                tests.Select(
                    (test, i) =>
                        new XElement(
                            trx + "UnitTestResult",
                            new XAttribute("testId", i),
                            new XAttribute("testName", test.Name),
                            new XAttribute("outcome", test.Outcome)
                        )
                ),
                tests.Select(
                    (test, i) =>
                        new XElement(
                            trx + "UnitTest",
                            new XAttribute("id", i),
                            new XElement(
                                trx + "TestMethod",
                                new XAttribute("className", test.Class)
                            )
                        )
                ),
                errors
                    .Select(error => ("Error", error))
                    .Append(("Warning", "All tests finished running"))
                    .Select(info => new XElement(
                        trx + "RunInfo",
                        new XAttribute("outcome", info.Item1),
                        new XElement(trx + "Text", info.Item2)
                    ))
            )
        );
        return TestRun.Read([file], exitCode);
    }
}
