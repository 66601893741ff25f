using System.Net;
using Axis.Hub;
using Axis.HubUnderTest;
using Axis.NationalSim;
using Axis.NationalSim.Provinces;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>
/// The places to die at the border (docs/national-axis.md): the hub dies exactly there, once, starts again, and the letter
/// is on the other side once. The national axis takes a repeat for another letter, so that none goes unseen.
/// </summary>
public sealed class BorderCrashTests
{
    private Border _border = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _border = await Border.OpenAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings: ("National:CallTimeout", "00:00:03")
        );
        _border.Sim.Vices.Set(ViceKind.ForgetsRepeats);
    }

    [OneTimeTearDown]
    public Task CloseAsync() => _border.DisposeAsync().AsTask();

    [Test]
    [DiesAt(CrashPoint.FarSendingClaimed)]
    [DiesAt(CrashPoint.FarSendingTaken)]
    public async Task A_letter_whose_sender_died_in_the_call_is_there_once(
        [Values(CrashPoint.FarSendingClaimed, CrashPoint.FarSendingTaken)] CrashPoint point
    )
    {
        await ArmAsync(point);
        var letter = new Letter(TestProvince.Office, TestProvince.Ministry);
        using (var office = await _border.Hub.ClientAsync("office"))
        {
            // The receipt may be out before the gateway dies, or not.
            await AnsweredOrNotAsync(() => office.SubmitAsync(letter.Signed()));
        }
        await _border.Hub.DiesAsync();
        await RunSoundAsync();

        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        Assert.That(_border.There(letter), Has.Count.EqualTo(1));
    }

    [Test]
    [DiesAt(CrashPoint.FarItemAccepted)]
    [DiesAt(CrashPoint.FarItemRecorded)]
    public async Task A_letter_to_us_that_was_not_acknowledged_is_here_once(
        [Values(CrashPoint.FarItemAccepted, CrashPoint.FarItemRecorded)] CrashPoint point
    )
    {
        await ArmAsync(point);
        var written = _border.Sim.Write(
            new LetterWish { To = [TestProvince.Commune], From = TestProvince.Ministry }
        );
        await _border.Hub.DiesAsync();
        await RunSoundAsync();

        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                _border.Sim.View().Systems.Single(one => one.Id == Border.SystemId).WaitingDocuments
                    == 0
            )
        );
        Assert.That(await DeliveriesOfAsync(written.DocumentId!), Is.EqualTo(1));
    }

    [Test]
    [DiesAt(CrashPoint.FarSendingTaken)]
    [DiesAt(CrashPoint.FarItemAccepted)]
    public async Task The_node_at_the_border_dies_and_the_other_goes_on(
        [Values(CrashPoint.FarSendingTaken, CrashPoint.FarItemAccepted)] CrashPoint point
    )
    {
        var sent = new List<Letter>();
        var written = new List<string>();
        await ArmAsync(point);
        var other = await _border.Hub.StartNodeAsync();
        try
        {
            using var office = await _border.Hub.ClientAsync("office");
            using var atOther = new HttpClient { BaseAddress = other.Http };
            atOther.DefaultRequestHeaders.Authorization = office
                .DefaultRequestHeaders
                .Authorization;
            // Either node may take any of them, until the first one dies of one that it had in hand.
            await Eventually.HoldsAsync(async () =>
            {
                if (_border.Hub.Process.HasExited)
                {
                    return true;
                }
                var letter = new Letter(TestProvince.Office, TestProvince.Ministry);
                Assert.That(
                    (await atOther.SubmitAsync(letter.Signed())).Status,
                    Is.EqualTo(HttpStatusCode.Created)
                );
                sent.Add(letter);
                written.Add(
                    _border
                        .Sim.Write(
                            new LetterWish
                            {
                                To = [TestProvince.Commune],
                                From = TestProvince.Ministry,
                            }
                        )
                        .DocumentId!
                );
                return false;
            });
            await Eventually.HoldsAsync(async () =>
                await _border.Hub.CountAsync(
                    "SELECT count(*) FROM far_sending WHERE state <> 'sent'"
                ) == 0
                && _border
                    .Sim.View()
                    .Systems.Single(one => one.Id == Border.SystemId)
                    .WaitingDocuments == 0
            );
        }
        finally
        {
            await other.StopAsync();
            await RunSoundAsync();
        }
        using (Assert.EnterMultipleScope())
        {
            foreach (var letter in sent)
            {
                Assert.That(_border.There(letter), Has.Count.EqualTo(1), letter.DocumentId);
            }
            foreach (var documentId in written)
            {
                Assert.That(await DeliveriesOfAsync(documentId), Is.EqualTo(1), documentId);
            }
        }
    }

    private Task<long> DeliveriesOfAsync(string documentId) =>
        _border.Hub.CountAsync(
            $"SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id WHERE p.document_id = '{documentId}'"
        );

    private async Task ArmAsync(CrashPoint point)
    {
        _border.Hub.Program = typeof(DieAt).Assembly.Location;
        _border.Hub.ProcessEnvironment = new Dictionary<string, string>
        {
            [DieAt.Variable] = point.ToString(),
        };
        await _border.Hub.RestartAsync();
    }

    private async Task RunSoundAsync()
    {
        _border.Hub.Program = null;
        _border.Hub.ProcessEnvironment = null;
        await _border.Hub.RestartAsync();
    }

    private static async Task AnsweredOrNotAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // Died before the receipt was out; the letter is durable all the same.
        }
    }
}
