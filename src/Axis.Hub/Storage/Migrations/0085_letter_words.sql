-- Finding letters, cheaper for those who write and bounded by the page for those who read (docs/tracking.md).

-- The words of a subject, as Letters/SubjectWords makes them: without accents, in lower case, cut at whatever is neither
-- letter nor digit, and at 64 characters. A test holds the two together. Folding costs PostgreSQL a hundred microseconds
-- a letter, so the hub does it, and the row keeps the result.
CREATE FUNCTION letter_words(subject text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY(
        SELECT DISTINCT left(word, 64)
        FROM regexp_split_to_table(fold_vietnamese(subject),
            U&'[\0001-\002F\003A-\0060\007B-\00A0\00AB\00B7\00BB\2000-\205F\3000]+') AS word
        WHERE word <> ''))
$$;

ALTER TABLE package ADD COLUMN words tsvector;

-- For rows that come without: from an archive of before, or from a node of the version before while nodes are replaced.
CREATE FUNCTION fill_letter_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.words := letter_words(NEW.subject);
    RETURN NEW;
END $$;

CREATE TRIGGER package_words BEFORE INSERT ON package
    FOR EACH ROW WHEN (NEW.words IS NULL) EXECUTE FUNCTION fill_letter_words();

DROP INDEX package_search, delivery_recipient, delivery_sender, delivery_exceptional;

UPDATE package SET words = letter_words(subject);

-- Not a letter of many waits until the list of pending entries is merged into the index: Letters/WordsMerge does that
-- beside the traffic, before the list is as long as this (in kB).
CREATE INDEX package_search ON package USING gin (words, parties) WITH (gin_pending_list_limit = 16384);

-- What an agency sent, newest first.
CREATE INDEX package_sender ON package (sender_agency_id, id);

-- What an agency received, and what became of what it sent: stage by stage, each newest first. So a page of any stage is
-- a walk of a page's length, however rare the stage is.
CREATE INDEX delivery_recipient
    ON delivery (recipient_agency_id, delivery_stage(state, work, dialogue), package_id);
CREATE INDEX delivery_sender
    ON delivery (sender_agency_id, delivery_stage(state, work, dialogue), package_id);

-- The same for whoever asks over all agencies.
CREATE INDEX delivery_stage_package ON delivery (delivery_stage(state, work, dialogue), package_id);

DROP FUNCTION subject_words(text);
DROP FUNCTION search_words(text);
