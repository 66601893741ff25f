using System.Globalization;

namespace Axis.NationalSim.Catalogue;

/// <summary>
/// A country's agencies by seed: ministries, provinces, what is below them, until there are enough. Codes follow
/// QĐ 20/2020/QĐ-TTg and, where two digits suffice, QCVN 102:2016 as well.
/// </summary>
internal static class MadeUpCountry
{
    private const int Ministries = 30;
    private const int Provinces = 63;
    private const int MostBelow = 99;

    private static readonly string[] s_first =
    [
        "An",
        "Bình",
        "Đại",
        "Đông",
        "Hà",
        "Hải",
        "Hòa",
        "Kim",
        "Long",
        "Minh",
        "Nam",
        "Phú",
        "Phước",
        "Quảng",
        "Sơn",
        "Tân",
        "Tây",
        "Thanh",
        "Thuận",
        "Vĩnh",
    ];
    private static readonly string[] s_second =
    [
        "An",
        "Châu",
        "Điền",
        "Đức",
        "Giang",
        "Hội",
        "Khê",
        "Lâm",
        "Lộc",
        "Mỹ",
        "Ninh",
        "Phong",
        "Phú",
        "Sơn",
        "Tâm",
        "Thạnh",
        "Thủy",
        "Trung",
        "Xuân",
        "Yên",
    ];
    private static readonly string[] s_departments =
    [
        "Văn phòng",
        "Sở Nội vụ",
        "Sở Tư pháp",
        "Sở Tài chính",
        "Sở Công Thương",
        "Sở Xây dựng",
        "Sở Y tế",
        "Sở Giáo dục và Đào tạo",
        "Sở Nông nghiệp và Môi trường",
        "Sở Khoa học và Công nghệ",
        "Sở Văn hoá, Thể thao và Du lịch",
        "Thanh tra",
    ];

    /// <summary>Parents before their children; the known ones first and never twice.</summary>
    public static IEnumerable<KnownAgency> Write(NationalSimOptions options)
    {
        var given = options.Known.Select(one => one.Code).ToHashSet(StringComparer.Ordinal);
        return options
            .Known.Concat(All(options).Where(one => !given.Contains(one.Code)))
            .Take(options.Agencies);
    }

    private static IEnumerable<KnownAgency> All(NationalSimOptions options)
    {
        // Whoever is connected brings its own agencies; nothing is invented below its codes.
        var theirs = options
            .Systems.SelectMany(system => system.Codes)
            .Select(code => code.Split('.')[0])
            .ToHashSet(StringComparer.Ordinal);
        string[] roots =
        [
            .. Enumerable.Range(1, Ministries).Select(i => $"G{i:00}"),
            .. Enumerable.Range(1, Provinces).Select(i => $"H{i:00}"),
        ];
        roots = [.. roots.Where(root => !theirs.Contains(root))];
        foreach (var root in roots)
        {
            yield return Root(root, options.Seed);
        }
        for (var second = 1; second <= MostBelow; second++)
        {
            foreach (var root in roots)
            {
                yield return Second(root, second, options.Seed);
            }
        }
        for (var third = 1; third <= MostBelow; third++)
        {
            for (var second = 1; second <= MostBelow; second++)
            {
                foreach (var root in roots)
                {
                    yield return Third(root, second, third, options.Seed);
                }
            }
        }
    }

    private static KnownAgency Root(string root, int seed) =>
        new(
            root,
            $"000.00.00.{root}",
            root[0] == 'G'
                ? $"Cơ quan trung ương {root}"
                : $"Uỷ ban nhân dân tỉnh {PlaceOf(root, seed)}",
            MailOf(root)
        );

    private static KnownAgency Second(string root, int second, int seed)
    {
        var code = $"{root}.{second:00}";
        var name =
            root[0] == 'G' ? $"Cục số {second}, {root}"
            : second <= s_departments.Length
                ? $"{s_departments[second - 1]} tỉnh {PlaceOf(root, seed)}"
            : $"Uỷ ban nhân dân xã {PlaceOf(code, seed)}";
        return new KnownAgency(code, $"000.00.{second:00}.{root}", name, MailOf(code), root);
    }

    private static KnownAgency Third(string root, int second, int third, int seed)
    {
        var code = $"{root}.{second:00}.{third:00}";
        return new KnownAgency(
            code,
            $"000.{third:00}.{second:00}.{root}",
            $"Đơn vị {PlaceOf(code, seed)} ({code})",
            MailOf(code),
            $"{root}.{second:00}"
        );
    }

    private static string PlaceOf(string code, int seed)
    {
        var chance = Chance.Of(code, seed);
        return $"{s_first[chance.Below(s_first.Length)]} {s_second[chance.Below(s_second.Length)]}";
    }

    private static string MailOf(string code) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{code.ToLowerInvariant().Replace('.', '-')}@example.vn"
        );
}
