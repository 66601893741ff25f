using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Acts;

/// <summary>The acts of a sender that submits and hears over AMQP.</summary>
public sealed partial class ActTests
{
    [TestCase(1, "asked", "vn.axis.recall.asked", "vn.axis.recall.answered", "recalled")]
    [TestCase(2, "asked", "vn.axis.update.asked", "vn.axis.update.answered", "received")]
    [TestCase(3, "replaced", "vn.axis.delivery.replaced", "vn.axis.delivery.status", "replaced")]
    public async Task An_act_over_amqp_reaches_the_recipient_and_its_answer_the_sender(
        int business,
        string effect,
        string asked,
        string answered,
        string stage
    )
    {
        var letter = new Letter(TestProvince.Department, TestProvince.Commune);
        var receipt = await SubmitOverAmqpAsync(letter);
        var delivery = receipt.GetProperty("deliveries")[0].GetProperty("deliveryId").GetGuid();
        await ReportToDepartmentAsync(letter, "03");

        var act = await SubmitOverAmqpAsync(
            business == 3
                ? new Letter(TestProvince.Department, TestProvince.Commune)
                {
                    Business = 3,
                    Replaces = [(letter.DocumentId, [])],
                }
                : letter with
                {
                    Business = business,
                }
        );
        var answer = await ReportToDepartmentAsync(letter, "15");

        var heard = await _department.NextEventAsync(one =>
            one.GetProperty("subject").GetString() == delivery.ToString()
            && one.GetProperty("data").GetProperty("status").GetString() == "15"
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                act.GetProperty("effects")[0].GetProperty("effect").GetString(),
                Is.EqualTo(effect)
            );
            Assert.That(TypesOf(await EventsAsync(_commune, letter)), Is.EqualTo(new[] { asked }));
            Assert.That(
                (await _commune.ItemsAsync("v1/inbox?limit=1000")).Select(item =>
                    item.GetProperty("packageId").GetGuid()
                ),
                Does.Contain(act.GetProperty("packageId").GetGuid())
            );
            Assert.That(answer.Json.GetProperty("stage").GetString(), Is.EqualTo(stage));
            Assert.That(TypeOf(heard.Json), Is.EqualTo(answered));
        }
    }

    private async Task<JsonElement> SubmitOverAmqpAsync(Letter letter)
    {
        var answer = await _department.AnswerToAsync(
            await _department.SubmitAsync(letter.Signed())
        );
        Assert.That(answer.Type, Is.EqualTo("axis.receipt"), answer.Json.GetRawText());
        return answer.Json;
    }

    private Task<Answer> ReportToDepartmentAsync(Letter letter, string code) =>
        _commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                code,
                TestProvince.Department,
                letter.DocumentId
            ).Bytes()
        );
}
