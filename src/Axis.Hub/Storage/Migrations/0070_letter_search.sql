-- Letters by what people remember of them (docs/tracking.md): words of the subject, sender, recipient, state, dates.

-- A subject as it is searched: without accents, and with the marks that the parser would make names of files and hosts
-- of turned into blanks. The question goes through the same function.
CREATE FUNCTION search_words(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(fold_vietnamese(words), '/\-_.:@&+#''"', '            ')
$$;

CREATE FUNCTION subject_words(subject text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', search_words(subject))
$$;

-- The sender and the recipients beside the words, in one index: whose letters are asked for narrows the words before any
-- row is read. It finds rows and decides nothing; who may see a letter is asked of its deliveries.
ALTER TABLE package ADD COLUMN parties uuid[];

UPDATE package p SET parties = ARRAY(
    SELECT p.sender_agency_id
    UNION
    SELECT d.recipient_agency_id FROM delivery d WHERE d.package_id = p.id);

CREATE INDEX package_search ON package USING gin (subject_words(subject), parties);

-- The letters of an agency, newest first, with where they stand: in the order of the letter, not of the delivery, so that
-- a page is a walk along the index, and with the stage in the index, so that a rare one is found without reading rows.
CREATE INDEX delivery_recipient
    ON delivery (recipient_agency_id, package_id, delivery_stage(state, work, dialogue));
CREATE INDEX delivery_sender
    ON delivery (sender_agency_id, package_id, delivery_stage(state, work, dialogue));

-- What is not as it should be, for whoever asks over all agencies. Few rows.
CREATE INDEX delivery_exceptional ON delivery (delivery_stage(state, work, dialogue), package_id)
    WHERE delivery_stage(state, work, dialogue) IN
        ('failed', 'refused', 'recall_asked', 'update_asked', 'recalled', 'withdrawn', 'replaced', 'expired');
