-- The event feed (docs/events.md): every event, numbered in an order in which a reader with a cursor misses none.

-- xid: the transaction that wrote the event. A reader cannot go by it alone, but whoever numbers the events can tell by
-- it what no running transaction will add to any more. Rows of before have none and are not in the feed.
ALTER TABLE event
    ADD COLUMN xid                 bigint,
    ADD COLUMN sequence            integer,            -- as in the body: counts the events of one delivery
    ADD COLUMN sender_agency_id    uuid,
    ADD COLUMN recipient_agency_id uuid,
    ADD COLUMN package_id          uuid;

ALTER TABLE event ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint;

CREATE INDEX event_xid ON event (xid);

-- position: days since 1970-01-01 times 10^10, plus a number. So a position tells its day, the partitions are days, and
-- a day is dropped whole. No default partition: what has no place yet keeps its xid and is numbered a moment later.
CREATE TABLE event_feed (
    position            bigint PRIMARY KEY,
    event_id            uuid NOT NULL,
    office_system_id    text NOT NULL,
    type                text NOT NULL,
    delivery_id         uuid NOT NULL,
    package_id          uuid,
    sender_agency_id    uuid,
    recipient_agency_id uuid
) PARTITION BY RANGE (position);

CREATE INDEX event_feed_listener ON event_feed (office_system_id, position);

-- Up to where events are numbered: the last position given, and the first transaction not looked at. Whoever numbers
-- holds this row.
CREATE TABLE event_feed_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    xid      bigint NOT NULL
);

INSERT INTO event_feed_head (position, xid) VALUES (0, 0);

-- Makes the partitions of some days; a lock that is not to be had soon is asked for another time.
CREATE FUNCTION ensure_feed_days(first_day integer, days integer) RETURNS void LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    child text;
BEGIN
    FOR day IN first_day..first_day + days LOOP
        child := 'event_feed_' || to_char(date '1970-01-01' + day, 'YYYY_MM_DD');
        CONTINUE WHEN to_regclass(quote_ident(child)) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE %I PARTITION OF event_feed FOR VALUES FROM (%s) TO (%s)',
                child, day * 10000000000, (day + 1) * 10000000000);
        EXCEPTION
            WHEN lock_not_available OR duplicate_table THEN
                RAISE WARNING 'partition % was not made: %', child, SQLERRM;
        END;
    END LOOP;
END $$;

-- Drops the days before one; returns how many.
CREATE FUNCTION drop_feed_days(before_day integer) RETURNS integer LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    child   text;
    dropped integer := 0;
BEGIN
    FOR child IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'event_feed'::regclass
            AND c.relname < 'event_feed_' || to_char(date '1970-01-01' + before_day, 'YYYY_MM_DD')
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE %I', child);
            dropped := dropped + 1;
        EXCEPTION
            WHEN lock_not_available THEN
                RAISE WARNING 'partition % was not dropped: %', child, SQLERRM;
        END;
    END LOOP;
    RETURN dropped;
END $$;
