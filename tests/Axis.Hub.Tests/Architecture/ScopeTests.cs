using System.Text.RegularExpressions;

namespace Axis.Hub.Tests.Architecture;

/// <summary>
/// Whoever asks for letters asks with a scope, and only <c>Permissions</c> makes scopes (docs/access.md).
/// </summary>
public sealed class ScopeTests
{
    private static readonly Regex s_letters = new(
        @"\b(?:FROM|JOIN|UPDATE|INTO|ONLY)\s+(?:(?:package|payload|delivery|delivery_history|status_report|event)\b|\{(?:tables\.)?Rows\})",
        RegexOptions.NonBacktracking
    );

    /// <summary>
    /// Files of the hub that touch letters without a scope, each with the reason: nobody's question is answered there.
    /// </summary>
    private static readonly Dictionary<string, string> s_withoutCaller = new()
    {
        ["Delivery/DeliveryOutbox.cs"] = "the hub's own dispatch; it answers nobody",
        ["Delivery/DispatchMarks.cs"] = "the hub's own dispatch; it answers nobody",
        ["Delivery/InboxNews.cs"] =
            "tells the office system whose inbox a letter lies in; the row itself says whose",
        ["Delivery/GivenUpDeliveries.cs"] =
            "sets aside what the dispatch gave up; it answers nobody",
        ["Delivery/HandOver.cs"] = "moves whatever changed its office system, for nobody",
        ["Delivery/Replays/DeadLetters.cs"] = "counts what failed, for operators; no letter",
        ["Delivery/Replays/ReplayOrders.cs"] =
            "counts what an order meant, for operators; no letter",
        ["Delivery/Replays/ReplayStep.cs"] = "the hub carrying out an operator's order",
        ["Delivery/Replays/RetryNow.cs"] =
            "makes due what waits, on the word of an operator; shows no letter",
        ["Delivery/QueueBreakers.cs"] = "the hub's own dispatch; it answers nobody",
        ["Deadlines/DeadlineMoves.cs"] =
            "moves the deadlines of deliveries that an update was judged to reach; it answers nobody",
        ["Statuses/LettersWithUpdates.cs"] =
            "locks the updates of letters whose deliveries were chosen under the caller's name",
        ["Deadlines/Extensions.cs"] =
            "a line of history of a delivery whose side ExtensionEndpoints found the caller to speak for",
        ["Intake/AcceptanceWriter.cs"] =
            "writes what the checks let pass, by the sender agency that Permissions.CanSpeakFor allowed",
        ["Delivery/LostDeliveries.cs"] = "the hub's own recovery of a queue; it answers nobody",
        ["National/Catalogue/CatalogueRuns.cs"] =
            "counts letters to agencies that a catalogue closes, for registrars; no letter",
        ["National/FarClaims.cs"] = "the gateway's own outbox; it answers nobody",
        ["National/FarGathering.cs"] = "the gateway's own outbox; it answers nobody",
        ["National/FarInwardStore.cs"] =
            "asks whether a letter that came again is the same; shows none",
        ["National/FarOutbox.cs"] = "the gateway's own outbox; it answers nobody",
        ["National/LateRecipients.cs"] =
            "an operator brings a kept letter to recipients who were missing; shows none",
        ["Reports/MonthStatements.cs"] =
            "the text of statements that carry @agencies, which MonthReports takes from its Sees",
        ["Notices/DueNotices.cs"] = "leaves out what is not so any more; shows nobody anything",
        ["Notices/NoticeCollector.cs"] =
            "tells clerks of letters of their own agency, and answers nobody",
        ["Operations/DeliveryGauges.cs"] = "counts for /metrics, no letter",
        ["Statuses/EventOutbox.cs"] = "the hub's own dispatch; it answers nobody",
        ["Statuses/ArrivalReports.cs"] = "the hub's own debt of a status 01; it answers nobody",
        ["Statuses/DialogueClock.cs"] = "the hub's own reminders; it answers nobody",
        ["Events/EventNumbering.cs"] = "gives events their places in the feed; it answers nobody",
        ["Statuses/EventAnnouncer.cs"] = "writes what LifeChangeWriter is told",
        ["Statuses/LetterLookup.cs"] =
            "keyed by the sending and the reporting agency, which Permissions.CanSpeakFor allowed",
        ["Statuses/LifeChangeWriter.cs"] = "writes what was judged of locked deliveries",
        ["Statuses/LockedDelivery.cs"] = "locks what LetterLookup found",
        ["Statuses/LostEvents.cs"] = "the hub's own recovery; it answers nobody",
        ["Statuses/StatusWriter.cs"] = "writes what StatusMatching found",
        ["Storage/Archive/ArchiveExport.cs"] = "a whole month for the IT centre's archive",
        ["Storage/Archive/ArchiveImport.cs"] = "a whole month from the IT centre's archive",
        ["Storage/Archive/KeptRows.cs"] = "what stays of a month that is archived",
        ["Storage/Archive/MonthDrop.cs"] = "a whole month that is archived",
        ["Storage/Archive/UnreadEvents.cs"] = "takes old events off the list; shows none",
        ["Storage/OrphanSweep.cs"] = "asks whether any package names a file; shows none",
        ["Storage/PayloadStore.cs"] =
            "bytes of a StoredContent, which only a scoped query gives out",
    };

    [Test]
    public void A_query_for_letters_carries_whose_they_are() =>
        Assert.That(
            Sources
                .In("src/Axis.Hub")
                .Where(file => s_letters.IsMatch(file.Text))
                .Where(file =>
                    !Sources.Names(file.Text, "Sees") && !Sources.Names(file.Text, "Collects")
                )
                .Select(file => file.Path["src/Axis.Hub/".Length..])
                .Except(s_withoutCaller.Keys),
            Is.Empty,
            "take Access.Sees or Access.Collects into the WHERE, or give the reason in s_withoutCaller"
        );

    [Test]
    public void Every_exception_is_still_needed() =>
        Assert.That(
            s_withoutCaller.Keys.Where(path =>
                !Sources
                    .In("src/Axis.Hub")
                    .Any(file =>
                        file.Path == "src/Axis.Hub/" + path && s_letters.IsMatch(file.Text)
                    )
            ),
            Is.Empty
        );

    [Test]
    public void Only_the_one_place_makes_a_scope() =>
        Assert.That(
            Sources
                .In("src/Axis.Hub")
                .Where(file =>
                    file.Text.Contains("new Sees(", StringComparison.Ordinal)
                    || file.Text.Contains("new Collects(", StringComparison.Ordinal)
                    || (
                        file.Text.Contains("Sees ", StringComparison.Ordinal)
                        && Regex.IsMatch(
                            file.Text,
                            @"\b(?:Sees|Collects) \w+ = new\(",
                            RegexOptions.NonBacktracking
                        )
                    )
                )
                .Select(file => file.Path),
            Is.Empty,
            "Permissions makes them with target-typed new"
        );
}
