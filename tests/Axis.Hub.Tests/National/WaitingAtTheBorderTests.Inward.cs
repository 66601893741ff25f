using Axis.NationalSim;
using Axis.TestKit;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.Tests.National;

public sealed partial class WaitingAtTheBorderTests
{
    // After an outage both wait over there, and the letter comes in last.
    [TestCase("13")]
    [TestCase("recall")]
    public async Task What_takes_a_letter_back_is_not_judged_before_the_letter_has_come_in(
        string by
    )
    {
        _border.Sim.Vices.Set(ViceKind.PageForLarge, new Vice(Status: 502));
        var letter = new Letter(Border.Neighbour, TestProvince.Commune)
        {
            AttachmentBytes = 200_000,
        };
        await NeighbourSendsAsync(VxpValue.MessageEdoc, letter.Unsigned());
        var refused = RefusedFetches();
        await (
            by == "13"
                ? NeighbourSendsAsync(
                    VxpValue.MessageStatus,
                    new Report(
                        Border.Neighbour,
                        "13",
                        TestProvince.Commune,
                        letter.DocumentId
                    ).Bytes()
                )
                : NeighbourSendsAsync(
                    VxpValue.MessageEdoc,
                    (letter with { Business = 1, AttachmentBytes = 600 }).Unsigned()
                )
        );
        await Eventually.HoldsAsync(() => Task.FromResult(RefusedFetches() >= refused + 2));
        Assert.That(
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{letter.DocumentId}'"
            ),
            Is.Zero,
            "nothing was decided yet"
        );
        _border.Sim.Vices.Clear(ViceKind.PageForLarge);

        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id WHERE p.document_id = '{letter.DocumentId}' AND p.business = 0 AND d.state = 'withdrawn'"
            ) == 1
        );
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{letter.DocumentId}' AND state = 'accepted' AND acknowledged_at IS NOT NULL"
            ) == 2
        );
    }

    private int RefusedFetches() =>
        _border
            .Sim.Calls()
            .Count(call =>
                call.Call == VxpCall.GetEdoc.Name
                && call.Vices.Contains(ViceNames.Of(ViceKind.PageForLarge))
            );

    private async Task NeighbourSendsAsync(string type, byte[] package)
    {
        using var http = new HttpClient(VxpClient.CreateHandler(TimeSpan.FromMinutes(1)));
        var neighbour = new VxpClient(
            http,
            new VxpIdentity(_border.Sim.Endpoint, "h37.axis", Border.NeighbourSecret),
            TimeProvider.System,
            TimeSpan.FromMinutes(2)
        );
        var sent = await neighbour.SendEdocAsync(
            VxpSending.Of(Border.Neighbour, [TestProvince.Commune], type, package),
            default
        );
        Assert.That(sent.Fault, Is.Null);
    }
}
