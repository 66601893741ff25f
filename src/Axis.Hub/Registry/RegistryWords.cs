using System.Net;
using Npgsql;

namespace Axis.Hub.Registry;

/// <summary>From the columns of the registry's tables to its values. Words that repeat ten thousand times are kept once.</summary>
internal sealed class RegistryWords
{
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);

    public AgencyRow AgencyOf(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetString(1),
            TextOrNull(row, 2) is { } inCharge ? Once(inCharge) : null,
            row.IsDBNull(3) ? null : row.GetGuid(3),
            Once(row.GetString(4)),
            row.GetString(5) == "province" ? AgencyReach.Province : AgencyReach.National,
            StatusOf(row.GetString(6)),
            TextOrNull(row, 7)
        )
        {
            ClosedAt = Instant(row, 8),
            Level = row.IsDBNull(9) ? null : row.GetInt16(9),
        };

    public ServiceRow ServiceOf(NpgsqlDataReader row) =>
        new(row.GetGuid(0), Once(row.GetString(1)), Instant(row, 2), Instant(row, 3));

    public static AgencyCodeRow CodeOf(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            new(row.GetString(1), row.GetBoolean(2), Instant(row, 3), Instant(row, 4))
        );

    public static SuccessionRow SuccessionOf(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            new(
                row.GetGuid(1),
                Enum.Parse<SuccessionKind>(row.GetString(2), ignoreCase: true),
                Instant(row, 3)
            )
        );

    public static PlanRow PlanOf(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            new(Instant(row, 1), TextOrNull(row, 2), row.IsDBNull(3) ? null : row.GetGuid(3))
        );

    public static OfficeSystemRow OfficeSystemOf(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2) == "active",
            Enum.Parse<Door>(row.GetString(3), ignoreCase: true)
        )
        {
            Limits = new(
                row.IsDBNull(4) ? null : row.GetInt32(4),
                row.IsDBNull(5) ? null : row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetInt32(6),
                row.GetFieldValue<IPNetwork[]>(7)
            )
            {
                PackagesPerDay = row.IsDBNull(12) ? null : row.GetInt32(12),
                BytesPerDay = row.IsDBNull(13) ? null : row.GetInt64(13),
            },
            Contact = new(TextOrNull(row, 8), TextOrNull(row, 9), TextOrNull(row, 10)),
            CollectedIsArrival = row.GetBoolean(11),
            AnnouncesArrivals = row.GetBoolean(14),
        };

    public static SignaturePolicyRow PolicyOf(NpgsqlDataReader row) =>
        new(
            row.IsDBNull(0) ? null : row.GetGuid(0),
            TextOrNull(row, 1),
            TextOrNull(row, 2),
            Enum.Parse<SignaturePolicy>(row.GetString(3), ignoreCase: true),
            Instant(row, 4),
            Instant(row, 5)
        );

    public static Operator OperatorOf(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2) == "active",
            row.GetFieldValue<string[]>(3)
                .Aggregate(
                    OperatorRoles.None,
                    // A role this version does not know grants nothing.
                    (roles, name) =>
                        Enum.TryParse<OperatorRoles>(name, ignoreCase: true, out var role)
                            ? roles | role
                            : roles
                )
        );

    public static CredentialRow CredentialOf(NpgsqlDataReader row) =>
        new(
            TextOrNull(row, 0),
            TextOrNull(row, 1),
            new(row.GetGuid(2), row.GetFieldValue<byte[]>(3), Instant(row, 4))
        );

    public static ClientKey ClientKeyOf(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetFieldValue<byte[]>(1),
            row.GetString(2) == "certificate",
            row.GetFieldValue<byte[]>(3),
            row.GetString(4),
            Instant(row, 5),
            Instant(row, 6),
            Instant(row, 7)
        );

    // PostgreSQL's infinities are the ends of .NET's time.
    public static DateTimeOffset Instant(NpgsqlDataReader row, int column)
    {
        var instant = row.GetDateTime(column);
        return instant == DateTime.MinValue ? DateTimeOffset.MinValue
            : instant == DateTime.MaxValue ? DateTimeOffset.MaxValue
            : new DateTimeOffset(instant, TimeSpan.Zero);
    }

    private static AgencyStatus StatusOf(string word) =>
        word switch
        {
            "active" => AgencyStatus.Active,
            "locked" => AgencyStatus.Locked,
            _ => AgencyStatus.Closed,
        };

    private static string? TextOrNull(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private string Once(string word)
    {
        if (_words.TryGetValue(word, out var kept))
        {
            return kept;
        }
        _words.Add(word, word);
        return word;
    }
}
