using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Axis.Hub.Access;

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

/// <summary>A secret or key by which its holder can prove himself in [From, To).</summary>
internal sealed record RegisteredProof(Holder Holder, DateTimeOffset From, DateTimeOffset To);

/// <summary>What is read whole every time: some hundred rows.</summary>
internal sealed record SmallTables(
    IReadOnlyList<OfficeSystemRow> OfficeSystems,
    FrozenDictionary<string, Operator> Operators,
    FrozenDictionary<string, Credential[]> OfficeSystemCredentials,
    FrozenDictionary<string, Credential[]> OperatorCredentials,
    SignaturePolicies SignaturePolicies,
    ClientKeys ClientKeys,
    FrozenDictionary<string, RegisteredProof> Proofs
)
{
    public static SmallTables Of(RegistryRows rows) =>
        new(
            rows.OfficeSystems,
            rows.Operators.ToFrozenDictionary(row => row.Id, StringComparer.Ordinal),
            CredentialsBy(rows, row => row.OfficeSystemId),
            CredentialsBy(rows, row => row.OperatorId),
            new SignaturePolicies(rows.SignaturePolicies),
            new ClientKeys(rows.ClientKeys),
            ProofsIn(rows)
        );

    private static FrozenDictionary<string, RegisteredProof> ProofsIn(RegistryRows rows) =>
        rows
            .Credentials.Select(row =>
                KeyValuePair.Create(
                    ProofName.Of(row.Credential),
                    new RegisteredProof(
                        row.OfficeSystemId is { } system
                            ? new Holder(HolderKind.OfficeSystem, system)
                            : new Holder(HolderKind.Operator, row.OperatorId!),
                        DateTimeOffset.MinValue,
                        row.Credential.NotAfter
                    )
                )
            )
            .Concat(
                rows.ClientKeys.Select(key =>
                    KeyValuePair.Create(
                        ProofName.Of(key),
                        new RegisteredProof(
                            new Holder(HolderKind.OfficeSystem, key.OfficeSystemId),
                            key.NotBefore,
                            key.NotAfter < key.RevokedAt ? key.NotAfter : key.RevokedAt
                        )
                    )
                )
            )
            .ToFrozenDictionary(StringComparer.Ordinal);

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
