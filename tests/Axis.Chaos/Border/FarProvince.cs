using Axis.Chaos.Stands;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Chaos.Border;

/// <summary>Agencies of the run at the border: the offices of every run, and some behind the national axis.</summary>
internal static class FarProvince
{
    public static IReadOnlyList<string> Far { get; } = ["G05", "G22", "H37", "H37.01", "H41"];

    /// <summary>An agency's code as it was before QĐ 20/2020: 000.00.01.H37 for H37.01.</summary>
    public static string OldCodeOf(string code)
    {
        var parts = code.Split('.');
        return $"000.00.{(parts.Length > 1 ? parts[1] : "00")}.{parts[0]}";
    }

    /// <summary>The code of a province's office, by either of its codes; null when it is not one of ours.</summary>
    public static string? OwnCodeOf(string code) =>
        ChaosProvince
            .Offices.Select(office => office.Code)
            .FirstOrDefault(own => own == code || OldCodeOf(own) == code);

    public static async Task FillAsync(TestRegistry registry)
    {
        foreach (var office in ChaosProvince.Offices)
        {
            await registry.AddAgencyAsync(
                office.Code,
                OldCodeOf(office.Code),
                certificate: TestKeys.Of(office.Code)
            );
            await registry.AddOfficeSystemAsync(
                office.Id,
                office.InboxDoor == "amqp" ? Door.Amqp : Door.Http,
                SignaturePolicy.Envelope,
                office.Code
            );
        }
        foreach (var code in Far)
        {
            await registry.AddAgencyAsync(code, OldCodeOf(code), AgencyReach.National);
        }
    }

    /// <summary>The same agencies for the national axis, in the columns of the demo province's file.</summary>
    public static IEnumerable<string> CatalogueLines() =>
        ChaosProvince
            .Offices.Select(office => office.Code)
            .Concat(Far)
            .Select(code =>
                $"{code},{OldCodeOf(code)},Cơ quan {code},,office,,,{(code.Contains('.', StringComparison.Ordinal) ? code.Split('.')[0] : "")}"
            )
            .Prepend("code,oldCode,name,inCharge,kind,reach,email,parent");
}
