using Axis.Hub.Registry;

namespace Axis.TestKit;

/// <summary>What an IT centre does when a province is redrawn, as plain rows of the registry.</summary>
public static class TestReorganisation
{
    /// <summary>The agency closes at an instant and the successors receive in its place.</summary>
    public static async Task CloseAsync(
        this TestHub hub,
        string agency,
        DateTimeOffset at,
        params string[] successors
    )
    {
        await hub.ChangeRegistryAsync(
            "UPDATE agency SET closed_at = $2 WHERE id = (SELECT agency_id FROM agency_code WHERE code = $1)",
            agency,
            at.ToUniversalTime()
        );
        await hub.ChangeRegistryAsync(
            """
            INSERT INTO agency_succession (agency_id, successor_id, kind, effective_at)
            SELECT c.agency_id, s.agency_id, CASE WHEN cardinality($2) > 1 THEN 'split' ELSE 'merged' END, $3
            FROM agency_code c, agency_code s WHERE c.code = $1 AND s.code = ANY ($2)
            """,
            agency,
            successors,
            at.ToUniversalTime()
        );
    }

    /// <summary>Another office system serves the agency from an instant; null: nobody does.</summary>
    public static async Task HandOverAsync(
        this TestHub hub,
        string agency,
        string? officeSystem,
        DateTimeOffset at
    )
    {
        await hub.ChangeRegistryAsync(
            """
            UPDATE office_system_agency SET until = $2, since = least(since, $2 - interval '1 day')
            WHERE agency_id = (SELECT agency_id FROM agency_code WHERE code = $1) AND until = 'infinity'
            """,
            agency,
            at.ToUniversalTime()
        );
        if (officeSystem is not null)
        {
            await hub.ChangeRegistryAsync(
                """
                INSERT INTO office_system_agency (agency_id, office_system_id, since)
                SELECT agency_id, $2, $3 FROM agency_code WHERE code = $1
                """,
                agency,
                officeSystem,
                at.ToUniversalTime()
            );
        }
    }

    public static Task EndCodeAsync(this TestHub hub, string code, DateTimeOffset at) =>
        hub.ChangeRegistryAsync(
            "UPDATE agency_code SET valid_to = $2 WHERE code = $1",
            code,
            at.ToUniversalTime()
        );

    /// <summary>Agencies named by their codes, without certificates, all served by one office system.</summary>
    public static async Task AddServedAsync(
        this TestHub hub,
        string officeSystem,
        Door inbox,
        params string[] agencies
    )
    {
        foreach (var agency in agencies)
        {
            await hub.AddAgencyAsync(agency);
        }
        await hub.AddOfficeSystemAsync(officeSystem, inbox, SignaturePolicy.Record, agencies);
    }
}
