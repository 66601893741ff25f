-- One table after the other, each in a transaction of its own: making partitions of several at once holds locks on some
-- while it waits for others, and statements that use the tables in another order could meet it in a deadlock.

CREATE FUNCTION ensure_partitions_of(parent text, instant timestamptz, months integer) RETURNS void LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    child text;
    first timestamptz;
    month timestamptz;
BEGIN
    first := date_trunc('month', instant, 'UTC');
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
                RAISE WARNING 'partition % was not made: %', child, SQLERRM;
        END;
    END LOOP;
END $$;
