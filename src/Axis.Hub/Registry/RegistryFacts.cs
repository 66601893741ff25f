using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Axis.Hub.Registry;

/// <summary>Puts the rows of the tables together, agency by agency.</summary>
internal static class RegistryFacts
{
    public static IReadOnlyList<AgencyFacts> Of(RegistryRows rows)
    {
        var codes = By(rows.Codes, row => row.AgencyId, row => row.Validity);
        var services = By(rows.Services, row => row.AgencyId, row => row);
        var certificates = By(rows.Certificates, row => row.AgencyId, row => row);
        var successions = By(rows.Successions, row => row.AgencyId, row => row.Succession);
        var plans = By(rows.Plans, row => row.AgencyId, row => row.Plan);
        var facts = new List<AgencyFacts>(rows.Agencies.Count);
        foreach (var row in rows.Agencies)
        {
            var planned = Of(plans, row.Id);
            Array.Sort(planned, (left, right) => left.EffectiveAt.CompareTo(right.EffectiveAt));
            facts.Add(
                new(
                    row,
                    Of(codes, row.Id),
                    Of(services, row.Id),
                    Of(certificates, row.Id),
                    Of(successions, row.Id),
                    planned
                )
            );
        }
        return facts;
    }

    private static T[] Of<T>(Dictionary<Guid, T[]> lists, Guid id) =>
        lists.TryGetValue(id, out var list) ? list : [];

    // Most lists have one entry and few have more than two, so growing by one is cheaper than grouping.
    private static Dictionary<Guid, T[]> By<TRow, T>(
        IReadOnlyList<TRow> rows,
        Func<TRow, Guid> key,
        Func<TRow, T> value
    )
    {
        var lists = new Dictionary<Guid, T[]>(rows.Count);
        foreach (var row in rows)
        {
            ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(lists, key(row), out _);
            list = list is null ? [value(row)] : [.. list, value(row)];
        }
        return lists;
    }
}

/// <summary>What is read whole every time: some hundred rows.</summary>
internal sealed record SmallTables(
    IReadOnlyList<OfficeSystemRow> OfficeSystems,
    FrozenDictionary<string, Operator> Operators,
    FrozenDictionary<string, Credential[]> OfficeSystemCredentials,
    FrozenDictionary<string, Credential[]> OperatorCredentials,
    SignaturePolicies SignaturePolicies,
    ClientKeys ClientKeys
)
{
    public static SmallTables Of(RegistryRows rows) =>
        new(
            rows.OfficeSystems,
            rows.Operators.ToFrozenDictionary(row => row.Id, StringComparer.Ordinal),
            CredentialsBy(rows, row => row.OfficeSystemId),
            CredentialsBy(rows, row => row.OperatorId),
            new SignaturePolicies(rows.SignaturePolicies),
            new ClientKeys(rows.ClientKeys)
        );

    private static FrozenDictionary<string, Credential[]> CredentialsBy(
        RegistryRows rows,
        Func<CredentialRow, string?> holder
    ) =>
        rows
            .Credentials.Where(row => holder(row) is not null)
            .GroupBy(row => holder(row)!, row => row.Credential, StringComparer.Ordinal)
            .ToFrozenDictionary(
                group => group.Key,
                group => group.ToArray(),
                StringComparer.Ordinal
            );
}
