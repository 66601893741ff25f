-- Making partitions must never hold up the exchange or keep a hub from starting:
-- * a partition that is there is left alone (altering it would wait for a backup that reads it, and all intake behind);
-- * a lock that is not to be had soon is asked for another day;
-- * rows of a month that a clock far off put into the default partition keep that month there.

CREATE OR REPLACE FUNCTION ensure_partitions(instant timestamptz, months integer) RETURNS void LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    parent text;
    child  text;
    first  timestamptz;
    month  timestamptz;
BEGIN
    first := date_trunc('month', instant, 'UTC');
    FOREACH parent IN ARRAY ARRAY['package', 'payload', 'delivery', 'delivery_history', 'status_report', 'event'] LOOP
        FOR n IN 0..months LOOP
            month := first + make_interval(months => n);
            child := parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
            CONTINUE WHEN to_regclass(quote_ident(child)) IS NOT NULL;
            BEGIN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    child, parent, uuid7_floor(month), uuid7_floor(month + interval '1 month'));
                IF parent = 'payload' THEN
                    -- The content is base64 inside XML: compressing it again costs more than it saves.
                    EXECUTE format('ALTER TABLE %I ALTER COLUMN bytes SET STORAGE EXTERNAL', child);
                END IF;
            EXCEPTION
                WHEN check_violation OR lock_not_available OR duplicate_table THEN
                    RAISE WARNING 'partition % was not created: %', child, SQLERRM;
            END;
        END LOOP;
    END LOOP;
END $$;
