-- The exchange: packages, deliveries, statuses, events.
--
-- Every id is a UUIDv7, so it sorts by time, and the tables that grow for ever are partitioned by month on it:
-- an id alone finds its partition, and old months are detached whole. No foreign keys between them, for the same
-- reason; rows that belong together are written in one transaction.

-- The smallest UUIDv7 of an instant.
CREATE FUNCTION uuid7_floor(instant timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

CREATE TABLE package (
    id               uuid PRIMARY KEY,
    received_at      timestamptz NOT NULL,
    door             text NOT NULL,
    office_system_id text NOT NULL,
    sender_agency_id uuid NOT NULL,
    sender_code      text NOT NULL,                    -- as written
    document_id      text NOT NULL,
    business         smallint NOT NULL,                -- BussinessDocType: 0 new, 1 recall, 2 update, 3 replace
    code_number      text NOT NULL DEFAULT '',
    code_notation    text NOT NULL DEFAULT '',
    promulgated_on   date,
    subject          text NOT NULL DEFAULT '',
    type_name        text NOT NULL DEFAULT '',
    priority         smallint NOT NULL DEFAULT 0,
    sha256           bytea NOT NULL,
    size             bigint NOT NULL,
    verdict          text NOT NULL,                    -- of the envelope signature
    verdict_reason   text NOT NULL DEFAULT '',
    receipt          json NOT NULL                     -- as answered; repeats get the same
) PARTITION BY RANGE (id);

CREATE INDEX package_document ON package (document_id);
CREATE INDEX package_number ON package (code_number, code_notation);

-- The bytes: inline, or null when they are a content-addressed file named by the package's SHA-256.
CREATE TABLE payload (
    package_id uuid PRIMARY KEY,
    bytes      bytea
) PARTITION BY RANGE (package_id);

-- "Same document id with other bytes is a conflict": one row per thing a sender may say only once.
-- variant: '' for a new document; the SHA-256 for a recall, update, replacement or status report,
-- where other bytes are another act and the same bytes are a repeat.
-- Not partitioned: it must answer for all time. Ordered by agency and document id, which grow together.
CREATE TABLE document_key (
    sender_agency_id uuid NOT NULL,
    document_id      text NOT NULL,
    variant          text NOT NULL,
    sha256           bytea NOT NULL,
    package_id       uuid NOT NULL,
    PRIMARY KEY (sender_agency_id, document_id, variant)
);

CREATE TABLE delivery (
    id                  uuid PRIMARY KEY,
    package_id          uuid NOT NULL,
    sender_agency_id    uuid NOT NULL,
    recipient_agency_id uuid NOT NULL,
    recipient_code      text NOT NULL,                 -- as the sender wrote it
    route               text NOT NULL CHECK (route IN ('office_system', 'national')),
    office_system_id    text,                          -- the inbox, for route office_system
    urgent              boolean NOT NULL DEFAULT false,
    state               text NOT NULL CHECK (state IN ('waiting', 'dispatched', 'collected', 'held', 'failed', 'withdrawn')),
    status              text,                          -- last applied status code, two digits
    created_at          timestamptz NOT NULL,
    changed_at          timestamptz NOT NULL,
    attempts            integer NOT NULL DEFAULT 0,
    next_attempt_at     timestamptz,                   -- for waiting rows: when recovery may take it
    last_error          text
) PARTITION BY RANGE (id);

CREATE INDEX delivery_package ON delivery (package_id);
CREATE INDEX delivery_inbox ON delivery (office_system_id, urgent DESC, id) WHERE state = 'dispatched';
CREATE INDEX delivery_due ON delivery (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX delivery_stuck ON delivery (state, id) WHERE state IN ('held', 'failed');

CREATE TABLE delivery_history (
    id          uuid PRIMARY KEY,
    delivery_id uuid NOT NULL,
    at          timestamptz NOT NULL,
    what        text NOT NULL,                         -- accepted, dispatched, collected, status, failed, ...
    status      text,
    outcome     text,                                  -- for reports: applied, repeated, late
    actor       text NOT NULL,
    detail      text,
    report_id   uuid
) PARTITION BY RANGE (id);

CREATE INDEX delivery_history_delivery ON delivery_history (delivery_id);

CREATE TABLE status_report (
    id               uuid PRIMARY KEY,
    received_at      timestamptz NOT NULL,
    door             text NOT NULL,
    office_system_id text NOT NULL,
    from_agency_id   uuid NOT NULL,
    from_code        text NOT NULL,
    delivery_id      uuid NOT NULL,
    status           text NOT NULL,
    description      text NOT NULL DEFAULT '',
    reported_at      timestamptz,
    outcome          text NOT NULL,
    sha256           bytea NOT NULL,
    size             bigint NOT NULL,
    receipt          json NOT NULL
) PARTITION BY RANGE (id);

-- What office systems are told; an outbox like the deliveries.
CREATE TABLE event (
    id               uuid PRIMARY KEY,
    office_system_id text NOT NULL,
    type             text NOT NULL,
    at               timestamptz NOT NULL,
    delivery_id      uuid NOT NULL,
    report_id        uuid,                             -- payload.package_id of the status package, if there is one
    body             json NOT NULL,                    -- CloudEvents 1.0
    -- waiting: to be put on the event queue; listed: to be collected over HTTP;
    -- taken: acknowledged over HTTP, or confirmed by the broker as being on the event queue.
    state            text NOT NULL CHECK (state IN ('waiting', 'listed', 'taken')),
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz
) PARTITION BY RANGE (id);

CREATE INDEX event_listed ON event (office_system_id, id) WHERE state = 'listed';
CREATE INDEX event_due ON event (next_attempt_at) WHERE state = 'waiting';

-- Creates the partitions of the given month and of the months that follow. Idempotent.
CREATE FUNCTION ensure_partitions(instant timestamptz, months integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    first  timestamptz;
    month  timestamptz;
BEGIN
    first := date_trunc('month', instant, 'UTC');
    FOREACH parent IN ARRAY ARRAY['package', 'payload', 'delivery', 'delivery_history', 'status_report', 'event'] LOOP
        FOR n IN 0..months LOOP
            month := first + make_interval(months => n);
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM'),
                parent,
                uuid7_floor(month),
                uuid7_floor(month + interval '1 month'));
            IF parent = 'payload' THEN
                -- The content is base64 inside XML: compressing it again costs more than it saves.
                EXECUTE format('ALTER TABLE %I ALTER COLUMN bytes SET STORAGE EXTERNAL',
                    parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM'));
            END IF;
        END LOOP;
    END LOOP;
END $$;

-- A clock that is far off must not stop intake: the default partitions take what no month takes.
CREATE TABLE package_default PARTITION OF package DEFAULT;
CREATE TABLE payload_default PARTITION OF payload DEFAULT;
CREATE TABLE delivery_default PARTITION OF delivery DEFAULT;
CREATE TABLE delivery_history_default PARTITION OF delivery_history DEFAULT;
CREATE TABLE status_report_default PARTITION OF status_report DEFAULT;
CREATE TABLE event_default PARTITION OF event DEFAULT;
