using Axis.Chaos.Books;
using Axis.Chaos.Offices;

namespace Axis.Chaos.Faults;

internal static class ClientFaults
{
    private const int PoisonBurst = 12;

    public static IEnumerable<Fault> Of(IReadOnlyList<Office> offices)
    {
        var amqp = offices.Where(office => office.Plan.InboxDoor == DoorNames.Amqp).ToArray();
        yield return new Fault(
            "recipient: vanishes with messages in hand",
            "clients",
            async (random, cancellation) =>
            {
                var office = random.Of(amqp);
                await office.Amqp.VanishAsync(cancellation);
                return office.Id;
            }
        );
        yield return new Fault(
            "sender: poison packages",
            "clients",
            async (random, cancellation) =>
            {
                // Offices answer for what they send one by one, so the burst goes out together.
                var burst = Enumerable
                    .Range(0, PoisonBurst)
                    .Select(_ =>
                    {
                        var office = random.Of(offices);
                        var kind = random.Of(Poison.Kinds);
                        var to = random.Of([.. offices.Where(other => other != office)]);
                        return (office, kind, Bytes: Poison.Make(kind, office, to.Code, random));
                    })
                    .ToArray();
                await Task.WhenAll(
                    burst.Select(one =>
                        one.office.SendPoisonAsync(one.kind, one.Bytes, cancellation)
                    )
                );
                return $"{PoisonBurst} over both doors";
            }
        );
    }
}
