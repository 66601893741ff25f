-- The life of a delivery (docs/lifecycle.md): work, question, acts of the sender, and keys to find letters by.

ALTER TABLE delivery DROP CONSTRAINT delivery_state_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_state_check
    CHECK (state IN ('waiting', 'dispatched', 'collected', 'held', 'failed', 'withdrawn', 'replaced', 'expired'));

ALTER TABLE delivery
    ADD COLUMN work        text,                        -- the recipient's: last applied of 01..06
    ADD COLUMN dialogue    text,                        -- what the sender asks and the recipient answers
    ADD COLUMN about       uuid,                        -- of a recall's or update's delivery: the letter's delivery
    ADD COLUMN arrival_due timestamptz,                 -- a 01 is owed: when the job may write it
    ADD COLUMN event_count integer NOT NULL DEFAULT 0;  -- events raised so far; the last sequence number

UPDATE delivery SET work = status WHERE status IN ('01', '02', '03', '04', '05', '06');
UPDATE delivery SET dialogue = CASE status WHEN '13' THEN 'recall_asked' WHEN '15' THEN 'recall_agreed' ELSE 'recall_declined' END
WHERE status IN ('13', '15', '16');

CREATE INDEX delivery_arrival ON delivery (arrival_due) WHERE arrival_due IS NOT NULL;

-- The stage of Statuses/Position, for queries; a test holds the two together.
CREATE FUNCTION delivery_stage(state text, work text, dialogue text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN state IN ('withdrawn', 'replaced', 'expired') THEN state
        WHEN dialogue = 'replaced' THEN 'replaced'
        WHEN dialogue = 'recall_agreed' THEN 'recalled'
        WHEN work = '02' THEN 'refused'
        WHEN dialogue IN ('recall_asked', 'update_asked') THEN dialogue
        WHEN work = '01' THEN 'arrived'
        WHEN work = '03' THEN 'received'
        WHEN work = '04' THEN 'assigned'
        WHEN work = '05' THEN 'processing'
        WHEN work = '06' THEN 'done'
        WHEN state IN ('waiting', 'held') THEN 'accepted'
        ELSE state
    END
$$;

-- Asked whether an office system wants its collecting told as status 01.
ALTER TABLE office_system ADD COLUMN collected_is_arrival boolean NOT NULL DEFAULT false;

-- Number, notation and date name a letter where its id is not given. Narrow and not partitioned, so that a look-up
-- costs the same after any number of months. number_key: "15/UBND-VP", upper case, without blanks.
CREATE TABLE document_number (
    number_key       text NOT NULL,
    sender_agency_id uuid NOT NULL,
    package_id       uuid NOT NULL,
    promulgated_on   date,
    PRIMARY KEY (number_key, sender_agency_id, package_id)
);

INSERT INTO document_number (number_key, sender_agency_id, package_id, promulgated_on)
SELECT upper(regexp_replace(code_number || '/' || code_notation, '\s', '', 'g')), sender_agency_id, id, promulgated_on
FROM package WHERE code_number <> '' OR code_notation <> '';

-- The same for the document id whoever sent it; status reports, which share document_key, are not looked for.
CREATE INDEX document_key_document ON document_key (document_id) WHERE variant <> 'status';

DROP INDEX package_number;
DROP INDEX package_document;

-- Which letters a recall, an update or a replacement is about.
CREATE TABLE package_link (
    package_id        uuid NOT NULL,
    target_package_id uuid NOT NULL,
    business          smallint NOT NULL,
    PRIMARY KEY (package_id, target_package_id)
);

CREATE INDEX package_link_target ON package_link (target_package_id);

-- A question of the sender to one recipient, and its answer. Few; not partitioned.
CREATE TABLE dialogue (
    id               uuid PRIMARY KEY,
    delivery_id      uuid NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('recall', 'update')),
    asked_by         uuid NOT NULL,                    -- the package or the report that asked
    asked_at         timestamptz NOT NULL,
    reason           text,
    -- asked; agreed or declined by the recipient; overtaken by another question; closed by the end of the delivery
    state            text NOT NULL CHECK (state IN ('asked', 'agreed', 'declined', 'overtaken', 'closed')),
    answered_at      timestamptz,
    answer_report_id uuid,
    reminders        integer NOT NULL DEFAULT 0,
    next_reminder_at timestamptz                       -- null: no reminder is due any more
);

CREATE INDEX dialogue_delivery ON dialogue (delivery_id, id);
CREATE INDEX dialogue_reminder ON dialogue (next_reminder_at) WHERE state = 'asked' AND next_reminder_at IS NOT NULL;
