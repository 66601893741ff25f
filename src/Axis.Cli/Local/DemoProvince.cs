namespace Axis.Cli.Local;

/// <summary>One line of <c>contracts/demo-province/agencies.csv</c>.</summary>
internal sealed record DemoAgency(
    string Code,
    string OldCode,
    string Name,
    string InCharge,
    string Kind,
    string Reach,
    string Email
)
{
    public bool IsInProvince => Reach == "province";

    public static IReadOnlyList<DemoAgency> ReadAll(string province) =>
        [
            .. Csv.Read(Path.Combine(province, "agencies.csv"))
                .Select(line => new DemoAgency(
                    line["code"],
                    line["oldCode"],
                    line["name"],
                    line["inCharge"],
                    line["kind"],
                    line["reach"],
                    line["email"]
                )),
        ];
}
