-- Whose letters before which words (docs/tracking.md): the search asks its index one column after the other, and each
-- tells the next where to go on. An agency has one letter in a hundred, a word that everybody uses every second.
--
-- The months first and the whole in the next file: a lock on a month that is followed by one on the whole would meet the
-- letters that come in in a deadlock. They wait for the index of their own month, seconds.

SET LOCAL maintenance_work_mem = '256MB';

DO $$
DECLARE
    month regclass;
BEGIN
    FOR month IN
        SELECT i.inhrelid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'package'::regclass ORDER BY c.relname
    LOOP
        EXECUTE format('CREATE INDEX ON %s USING gin (parties, words) WITH (gin_pending_list_limit = 16384)', month);
    END LOOP;
END $$;
