using FsCheck;
using FsCheck.Fluent;

namespace Axis.EdXml.Tests;

/// <summary>Everything a writer can express, at random.</summary>
internal static class Drafts
{
    private static readonly Gen<string> Text = Gen.Elements(
            "a",
            "Z",
            "9",
            " ",
            "ắ",
            "Đ",
            "&",
            "<",
            ">",
            "\"",
            "'",
            "]]>",
            "\r",
            "\n",
            "\t",
            "😀",
            "-",
            "/",
            ",",
            ";",
            "&amp;"
        )
        .NonEmptyListOf()
        .Select(parts => string.Concat(parts).Trim())
        .Where(t => t.Length > 0 && t != "null");

    private static readonly Gen<string?> Maybe = Gen.OneOf(
        Text.Select(t => (string?)t),
        Gen.Constant<string?>(null)
    );

    private static readonly Gen<string?> Code = Gen.Elements<string?>(
        "H99.01",
        "000.00.03.H99",
        "G22",
        "vxp.saas.03",
        "sai mã",
        null
    );

    private static readonly Gen<EdDate?> Date = Gen.OneOf(
        Gen.Constant<EdDate?>(null),
        Gen.Choose(0, 40_000).Select(d => (EdDate?)EdDate.Of(new DateOnly(1950, 1, 1).AddDays(d))),
        Gen.Elements("2014/02/30", "1/2/2024", "2024-05-06").Select(t => (EdDate?)EdDate.Parse(t))
    );

    private static readonly Gen<EdTimestamp?> Time = Gen.OneOf(
        Gen.Constant<EdTimestamp?>(null),
        Gen.Choose(0, int.MaxValue)
            .Select(s => (EdTimestamp?)EdTimestamp.Of(DateTimeOffset.FromUnixTimeSeconds(s))),
        Text.Select(t => (EdTimestamp?)EdTimestamp.Parse(t))
    );

    private static readonly Gen<EdNumber?> Number = Gen.OneOf(
        Gen.Constant<EdNumber?>(null),
        Gen.Choose(-5, 99).Select(n => (EdNumber?)EdNumber.Of(n)),
        Gen.Constant<EdNumber?>(new EdNumber("ba", null))
    );

    private static readonly Gen<List<string>> Texts = Text.ListOf().Select(t => t.Take(3).ToList());

    private static readonly Gen<Party> Party =
        from id in Code
        from t in Maybe.ArrayOf(7)
        select new Party
        {
            OrganId = id,
            Code = AgencyCode.TryParse(id, out var code) ? code : null,
            OrganizationInCharge = t[0],
            OrganName = t[1],
            OrganAdd = t[2],
            Email = t[3],
            Telephone = t[4],
            Fax = t[5],
            Website = t[6],
        };

    private static readonly Gen<ResponseFor> Response =
        from id in Code
        from t in Maybe.ArrayOf(2)
        from date in Date
        select new ResponseFor
        {
            OrganId = id,
            OrganCode = AgencyCode.TryParse(id, out var code) ? code : null,
            Code = t[0],
            DocumentId = t[1],
            PromulgationDate = date,
        };

    private static readonly Gen<StaffInfo> Staff = Maybe
        .ArrayOf(6)
        .Select(t => new StaffInfo
        {
            Department = t[0],
            DepartmentId = t[1],
            Staff = t[2],
            StaffId = t[3],
            Mobile = t[4],
            Email = t[5],
        });

    private static readonly Gen<TraceHop> Hop =
        from id in Code
        from time in Time
        select new TraceHop
        {
            OrganId = id,
            Code = AgencyCode.TryParse(id, out var code) ? code : null,
            Timestamp = time,
        };

    private static readonly Gen<Business> Business =
        from present in Gen.Elements(true, false)
        from type in Gen.Choose(0, 3)
        from t in Maybe.ArrayOf(5)
        from receivers in Gen.Zip(Code, Gen.Elements("0", "1", "x")).ListOf()
        from replaced in Gen.Zip(Maybe, Texts).ListOf()
        from staff in Staff
        select present
            ? new Business
            {
                Present = true,
                Type = (BusinessType)type,
                TypeText = EdNumber.Of(type),
                DocumentId = t[0],
                Reason = t[1],
                Paper = t[2],
                DocumentInfo = t[3],
                DocumentReceiver = t[4],
                Receivers =
                [
                    .. receivers.Take(3).Select(r => new ChangedReceiver(r.Item1, r.Item2)),
                ],
                Replacements = [.. replaced.Take(2).Select(r => new Replacement(r.Item1, r.Item2))],
                StaffInfo = staff,
            }
            : new Business();

    internal static Gen<DocumentHeader> Document { get; } =
        from parties in Party.NonEmptyListOf()
        from t in Maybe.ArrayOf(14)
        from dates in Date.ArrayOf(2)
        from n in Number.ArrayOf(7)
        from lists in Texts.ArrayOf(3)
        from responses in Response.ListOf()
        from hops in Hop.ListOf()
        from business in Business
        select new DocumentHeader
        {
            From = parties[0],
            To = [.. parties],
            // A letter without any of these could not be told from a status.
            DocumentId = t[0] ?? "id",
            CodeNumber = t[1],
            CodeNotation = t[2],
            Place = t[3],
            PromulgationDate = dates[0],
            DocumentType = new DocumentType
            {
                Type = n[0],
                TypeDetail = n[1],
                TypeName = t[4],
            },
            Subject = t[5],
            Content = t[6],
            Signer = new Signer
            {
                Competence = t[7],
                Position = t[8],
                FullName = t[9],
            },
            DueDate = dates[1],
            ToPlaces = lists[0],
            OtherInfo = new OtherInfo
            {
                PriorityText = n[2],
                SphereOfPromulgation = t[10],
                TyperNotation = t[11],
                PromulgationAmount = n[3],
                PageAmount = n[4],
                Direction = t[12],
                Appendixes = lists[1],
            },
            ResponseFor = [.. responses.Take(3)],
            SteeringType = n[5],
            ApplicationType = n[6],
            TaskCodes = lists[2],
            Trace = [.. hops.Take(4)],
            Business = business,
        };

    internal static Gen<StatusHeader> Status { get; } =
        from party in Party
        from response in Response
        from code in Gen.Elements("01", "02", "13", "16", "99")
        from description in Maybe
        from time in Time
        from staff in Staff
        select new StatusHeader
        {
            From = party,
            ResponseFor = response,
            StatusCode = code,
            StatusCodeText = code,
            Description = description,
            Timestamp = time,
            StaffInfo = staff,
        };

    internal static Gen<(string Name, byte[] Content)[]> Attachments { get; } =
        Gen.Zip(Text, Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf())
            .ListOf()
            .Select(list => list.Take(4).Select(a => (a.Item1, a.Item2)).ToArray());
}
