using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Chaos.Stands;

internal static class ChaosRegistry
{
    public static async Task FillAsync(TestRegistry registry)
    {
        foreach (var office in ChaosProvince.Offices)
        {
            await registry.AddAgencyAsync(office.Code, certificate: TestKeys.Of(office.Code));
            await registry.AddOfficeSystemAsync(
                office.Id,
                office.InboxDoor == "amqp" ? Door.Amqp : Door.Http,
                SignaturePolicy.Envelope,
                office.Code
            );
        }
    }
}
