namespace Axis.Hub.Reports;

/// <summary>
/// The statements of a month's report. Each reads the month once, groups by sender and by recipient at the same time, and
/// carries whose letters may be counted. Parameters: @from, @before (ids), @until (ids of deliveries), @agencies, @asOf, and
/// the working days: @days, @elapsed (working seconds before the day), @works, and @latest (by when a letter of that day
/// was to be sent).
/// </summary>
internal static class MonthStatements
{
    // A recall is no letter; the copy of an update for somebody who has the letter is none either. A date that is not
    // among the days is off by a year and more, and so the letter is late, or before its time. What a delivery counts as
    // is taken from its facts and not from its stage: a question may lie over it, and what is done beneath is done.
    private const string Month = """
        WITH letter AS MATERIALIZED (
            SELECT p.id, p.sender_agency_id, p.verdict = 'valid' AS signed, p.document_verdict = 'valid' AS document_signed,
                p.paper, coalesce(p.received_at <= s.latest, p.promulgated_on > p.received_at::date) AS on_time
            FROM package p LEFT JOIN unnest(@days, @latest) AS s (day, latest) ON s.day = p.promulgated_on
            WHERE p.id >= @from AND p.id < @before AND p.business <> 1
        ),
        lot AS MATERIALIZED (
            SELECT d.id, d.package_id, d.sender_agency_id, d.recipient_agency_id, d.created_at, d.state, d.work, f.gone
            FROM delivery d CROSS JOIN LATERAL (
                SELECT delivery_stage(d.state, d.work, d.dialogue) IN ('withdrawn', 'recalled', 'replaced') AS gone
            ) AS f
            WHERE d.id >= @from AND d.id < @until AND d.package_id >= @from AND d.package_id < @before
                AND d.about IS NULL
                AND (@agencies::uuid[] IS NULL OR d.sender_agency_id = ANY(@agencies)
                    OR d.recipient_agency_id = ANY(@agencies))
                AND EXISTS (SELECT FROM letter l WHERE l.id = d.package_id)
        )
        """;

    private const string LetterCounts = """
        count(*)::int AS count, count(*) FILTER (WHERE l.signed)::int AS envelopesigned,
        count(*) FILTER (WHERE l.document_signed)::int AS documentsigned,
        count(*) FILTER (WHERE l.paper = false)::int AS electronic, count(*) FILTER (WHERE l.paper)::int AS withpaper,
        count(*) FILTER (WHERE l.paper IS NULL)::int AS paperunsaid,
        count(*) FILTER (WHERE l.on_time)::int AS ontime, count(*) FILTER (WHERE NOT l.on_time)::int AS late,
        count(*) FILTER (WHERE l.on_time IS NULL)::int AS undated
        """;

    // A row whose agency is null is the whole province's; "side" tells it apart.
    private const string Sides = """
        CASE WHEN grouping(d.recipient_agency_id) = 0 THEN 'received' WHEN grouping(d.sender_agency_id) = 0 THEN 'sent' ELSE 'all' END AS side,
        coalesce(d.sender_agency_id, d.recipient_agency_id) AS agency
        """;

    public const string Letters = $"""
        {Month}
        SELECT CASE WHEN grouping(s.sender_agency_id) = 0 THEN 'sent' ELSE 'all' END AS side,
            s.sender_agency_id AS agency, {LetterCounts}
        FROM (SELECT DISTINCT package_id, sender_agency_id FROM lot) AS s JOIN letter l ON l.id = s.package_id
        GROUP BY GROUPING SETS ((s.sender_agency_id), ())
        UNION ALL
        SELECT 'received', d.recipient_agency_id, {LetterCounts}
        FROM lot d JOIN letter l ON l.id = d.package_id GROUP BY d.recipient_agency_id
        """;

    public const string Deliveries = $"""
        {Month}
        SELECT {Sides}, count(*)::int AS count,
            count(*) FILTER (WHERE NOT gone AND work IS NULL AND state <> 'collected')::int AS nottaken,
            count(*) FILTER (WHERE work IN ('03', '04', '05', '06'))::int AS received,
            count(*) FILTER (WHERE NOT gone AND work = '06')::int AS done,
            count(*) FILTER (WHERE NOT gone AND work = '02')::int AS refused,
            count(*) FILTER (WHERE gone)::int AS withdrawn
        FROM lot d
        GROUP BY GROUPING SETS ((d.sender_agency_id), (d.recipient_agency_id), ())
        """;

    public const string Deadlines = $"""
        {Month}
        SELECT {Sides}, count(*)::int AS count, count(*) FILTER (WHERE x.outcome = 'met')::int AS met,
            count(*) FILTER (WHERE x.outcome = 'missed')::int AS missed,
            count(*) FILTER (WHERE x.outcome IS NULL)::int AS running,
            count(*) FILTER (WHERE x.outcome = 'missed' OR (x.outcome IS NULL AND x.due_at < @asOf))::int AS overdue
        FROM deadline x JOIN lot d ON d.id = x.delivery_id
        WHERE x.kind = 'completion' AND x.outcome IS DISTINCT FROM 'void'
        GROUP BY GROUPING SETS ((d.sender_agency_id), (d.recipient_agency_id), ())
        """;

    // Working time between two instants is the difference of the working time that passed before each of them: of the
    // days before, and of the two sessions of the day itself.
    private static string ElapsedAt(string instant) =>
        $"""
            (SELECT w.elapsed + CASE WHEN NOT w.works THEN 0 ELSE
                least(greatest(extract(epoch FROM t.local - w.day - @morning), 0), @morningLength)
                + least(greatest(extract(epoch FROM t.local - w.day - @afternoon), 0), @afternoonLength) END
            FROM (SELECT {instant} AT TIME ZONE INTERVAL '07:00' AS local) AS t JOIN work_day w ON w.day = t.local::date)
            """;

    public static string Times { get; } =
        $"""
            {Month},
            work_day AS MATERIALIZED (
                SELECT * FROM unnest(@days, @elapsed, @works) AS w (day, elapsed, works)
            ),
            reached AS (
                SELECT d.id, CASE WHEN h.what = 'collected' THEN 'collected' WHEN h.status = '01' THEN 'arrived'
                        WHEN h.status = '03' THEN 'received' WHEN h.status = '04' THEN 'assigned'
                        WHEN h.status = '05' THEN 'processing' ELSE 'done' END AS state,
                    min(h.at) AS at
                FROM delivery_history h JOIN lot d ON d.id = h.delivery_id
                WHERE h.id >= @from
                    AND (h.what = 'collected'
                        OR (h.outcome = 'applied' AND h.status IN ('01', '03', '04', '05', '06')))
                GROUP BY 1, 2
            ),
            taken AS (
                SELECT d.sender_agency_id, d.recipient_agency_id, r.state,
                    {ElapsedAt("r.at")} - {ElapsedAt("d.created_at")} AS seconds
                FROM reached r JOIN lot d ON d.id = r.id
            )
            SELECT {Sides}, d.state, count(*)::int AS count,
                percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
                percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds) AS p90
            FROM taken d
            GROUP BY GROUPING SETS ((d.state, d.sender_agency_id), (d.state, d.recipient_agency_id), (d.state))
            """;

    public const string Refusals = $"""
        {Month}
        SELECT {Sides}, d.reason, count(*)::int AS count
        FROM (
            SELECT l.sender_agency_id, l.recipient_agency_id, coalesce(h.detail, '') AS reason
            FROM delivery_history h JOIN lot l ON l.id = h.delivery_id
            WHERE h.id >= @from AND h.outcome = 'applied' AND h.status = '02') AS d
        GROUP BY GROUPING SETS ((d.reason, d.sender_agency_id), (d.reason, d.recipient_agency_id), (d.reason))
        ORDER BY count DESC, d.reason COLLATE "C"
        """;
}
