using Axis.EdXml;

namespace Axis.NationalSim.Provinces;

/// <summary>One status that an office will report, and when.</summary>
internal sealed record Step(TimeSpan After, string Code, string Description);

/// <summary>
/// How an office of another province treats a letter, in the times of real offices: taken within minutes, registered
/// within half a day, finished within days or weeks. The same letter is treated the same way in every run of a seed.
/// </summary>
internal static class Conduct
{
    private const double ShareRefused = 0.02;
    private const double ShareNotForWork = 0.25;
    private const double ShareUnwilling = 0.1;

    public static IReadOnlyList<Step> Of(DocumentHeader letter, string recipient, int seed)
    {
        var chance = Chance.Of($"{letter.DocumentId} {letter.Business.Type} {recipient}", seed);
        var arrived = chance.Between(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
        return letter.Business.Type switch
        {
            BusinessType.Recall or BusinessType.Update => Asked(chance, arrived),
            _ => Treated(chance, arrived),
        };
    }

    /// <summary>The sender asks for a letter back by status 13.</summary>
    public static IReadOnlyList<Step> OfRequest(string documentId, string recipient, int seed)
    {
        var chance = Chance.Of($"{documentId} 13 {recipient}", seed);
        return Asked(chance, chance.Between(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)));
    }

    private static IReadOnlyList<Step> Asked(Chance chance, TimeSpan arrived)
    {
        var answered = arrived + chance.Between(TimeSpan.FromMinutes(5), TimeSpan.FromHours(3));
        return chance.Next() < ShareUnwilling
            ? [new Step(answered, "16", "Văn thư: văn bản đã giải quyết xong, không đồng ý")]
            : [new Step(answered, "15", "Văn thư: đồng ý")];
    }

    private static IReadOnlyList<Step> Treated(Chance chance, TimeSpan arrived)
    {
        var registered = arrived + chance.Between(TimeSpan.FromMinutes(5), TimeSpan.FromHours(5));
        if (chance.Next() < ShareRefused)
        {
            return
            [
                new Step(arrived, "01", "Đã đến"),
                new Step(registered, "02", "Văn thư: văn bản không thuộc thẩm quyền"),
            ];
        }
        var steps = new List<Step>
        {
            new(arrived, "01", "Đã đến"),
            new(registered, "03", "Văn thư: đã vào sổ văn bản đến"),
        };
        if (chance.Next() < ShareNotForWork)
        {
            return steps;
        }
        var assigned = registered + chance.Between(TimeSpan.FromHours(1), TimeSpan.FromHours(20));
        var begun = assigned + chance.Between(TimeSpan.FromHours(1), TimeSpan.FromHours(48));
        var done = begun + chance.Between(TimeSpan.FromHours(8), TimeSpan.FromDays(14));
        steps.Add(new Step(assigned, "04", "Lãnh đạo: phân công xử lý"));
        steps.Add(new Step(begun, "05", "Chuyên viên: đang xử lý"));
        steps.Add(new Step(done, "06", "Chuyên viên: đã hoàn thành"));
        return steps;
    }
}
