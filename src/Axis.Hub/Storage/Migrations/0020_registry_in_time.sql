-- The registry in time: agencies that close and are succeeded, changes prepared for an instant, and a log of what was
-- touched, so that a node reads only that. docs/registry.md argues why nothing is lost.

ALTER TABLE agency
    ADD COLUMN closed_at timestamptz NOT NULL DEFAULT 'infinity',  -- the instant from which it is closed
    ADD COLUMN level     smallint;                                  -- 1 ministry or province; null: by its code

-- Who receives in the place of a closed agency. Several rows: divided.
CREATE TABLE agency_succession (
    agency_id    uuid NOT NULL REFERENCES agency (id),
    successor_id uuid NOT NULL REFERENCES agency (id),
    kind         text NOT NULL CHECK (kind IN ('merged', 'split', 'renamed')),
    effective_at timestamptz NOT NULL,
    PRIMARY KEY (agency_id, successor_id),
    CHECK (agency_id <> successor_id)
);

CREATE INDEX agency_succession_successor ON agency_succession (successor_id);

-- What of an agency changes at an instant to come. Null: stays.
CREATE TABLE agency_plan (
    agency_id    uuid NOT NULL REFERENCES agency (id),
    effective_at timestamptz NOT NULL,
    name         text,
    parent_id    uuid REFERENCES agency (id),
    PRIMARY KEY (agency_id, effective_at)
);

-- The clerks whom notices go to.
CREATE TABLE agency_contact (
    agency_id uuid NOT NULL REFERENCES agency (id),
    ordinal   smallint NOT NULL DEFAULT 1,
    name      text NOT NULL,
    mail      text,
    phone     text,
    PRIMARY KEY (agency_id, ordinal)
);

-- Every change of an agency and who made it.
CREATE TABLE agency_change (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    agency_id uuid NOT NULL,
    actor     text NOT NULL,                           -- an operator, or 'hub'
    what      text NOT NULL,                           -- added, renamed, closed, moved, code, succeeded, served, ...
    detail    jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX agency_change_agency ON agency_change (agency_id, id);

-- Limits are enforced by Access; null: the hub's own limit. An empty list of networks: from anywhere.
ALTER TABLE office_system
    ADD COLUMN contact_name        text,
    ADD COLUMN contact_mail        text,
    ADD COLUMN contact_phone       text,
    ADD COLUMN requests_per_minute integer CHECK (requests_per_minute > 0),
    ADD COLUMN max_package_bytes   bigint  CHECK (max_package_bytes > 0),
    ADD COLUMN max_connections     integer CHECK (max_connections > 0),
    ADD COLUMN allowed_networks    cidr[] NOT NULL DEFAULT '{}';

-- When an office system was last heard at each door.
CREATE TABLE office_system_seen (
    office_system_id text NOT NULL REFERENCES office_system (id),
    door             text NOT NULL CHECK (door IN ('http', 'amqp')),
    at               timestamptz NOT NULL,
    remote           text,
    PRIMARY KEY (office_system_id, door)
);

-- The delivery: which agency was named when another receives, and whose inbox it was in before.
ALTER TABLE delivery
    ADD COLUMN substitution json,
    ADD COLUMN handed_from  text[];

-- What each version touched. An agency of null: everything. Versions up to log_from are no longer here.
CREATE TABLE registry_change (
    version   bigint NOT NULL,
    agency_id uuid
);

CREATE INDEX registry_change_version ON registry_change (version);

ALTER TABLE registry_version ADD COLUMN log_from bigint NOT NULL DEFAULT 0;
UPDATE registry_version SET log_from = version;

-- Where open deliveries may have to follow to another inbox.
CREATE TABLE turning_point (
    agency_id  uuid NOT NULL,
    at         timestamptz NOT NULL,
    first_look timestamptz,                            -- when it was first acted upon
    settled    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (agency_id, at)
);

CREATE INDEX turning_point_open ON turning_point (at) WHERE NOT settled;

DROP TRIGGER agency_changed ON agency;
DROP TRIGGER agency_code_changed ON agency_code;
DROP TRIGGER office_system_agency_changed ON office_system_agency;
DROP TRIGGER certificate_changed ON certificate;

-- Called with the ids that a statement touched. Above 2,000 of them reading all again is cheaper than reading each.
CREATE FUNCTION note_registry_change(touched uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    current bigint;
BEGIN
    IF touched IS NULL THEN
        RETURN;
    END IF;
    UPDATE registry_version SET version = version + 1 RETURNING version INTO current;
    IF cardinality(touched) > 2000 THEN
        INSERT INTO registry_change (version) VALUES (current);
    ELSE
        INSERT INTO registry_change (version, agency_id) SELECT current, id FROM unnest(touched) AS id;
    END IF;
    PERFORM pg_notify('axis_registry', '');
END $$;

CREATE FUNCTION agency_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_registry_change((SELECT array_agg(DISTINCT id) FROM touched));
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO turning_point (agency_id, at)
        SELECT t.id, t.closed_at FROM touched t
        WHERE isfinite(t.closed_at) AND EXISTS (SELECT FROM agency_succession s WHERE s.agency_id = t.id)
        ON CONFLICT (agency_id, at) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION part_of_agency_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_registry_change((SELECT array_agg(DISTINCT agency_id) FROM touched));
    IF TG_OP = 'UPDATE' THEN
        PERFORM note_registry_change((SELECT array_agg(DISTINCT w.agency_id) FROM was w
            WHERE NOT EXISTS (SELECT FROM touched t WHERE t.agency_id = w.agency_id)));
    END IF;
    RETURN NULL;
END $$;

-- A new agency that gets its first office system has nothing that could follow.
CREATE FUNCTION service_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO turning_point (agency_id, at)
    SELECT DISTINCT t.agency_id, t.since FROM touched t
    WHERE EXISTS (SELECT FROM office_system_agency o
            WHERE o.agency_id = t.agency_id AND o.office_system_id <> t.office_system_id)
        OR EXISTS (SELECT FROM agency_succession s WHERE s.successor_id = t.agency_id)
    ON CONFLICT (agency_id, at) DO UPDATE SET settled = false, first_look = NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION succession_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO turning_point (agency_id, at)
    SELECT DISTINCT t.agency_id, t.effective_at FROM touched t
    WHERE isfinite(t.effective_at) AND EXISTS (SELECT FROM office_system_agency o WHERE o.agency_id = t.agency_id)
    ON CONFLICT (agency_id, at) DO UPDATE SET settled = false, first_look = NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER agency_inserted AFTER INSERT ON agency REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION agency_touched();
CREATE TRIGGER agency_updated AFTER UPDATE ON agency REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION agency_touched();
CREATE TRIGGER agency_deleted AFTER DELETE ON agency REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION agency_touched();

DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['agency_code', 'office_system_agency', 'certificate', 'agency_succession', 'agency_plan'] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION part_of_agency_touched()', part || '_inserted', part);
        EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS was NEW TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION part_of_agency_touched()', part || '_updated', part);
        EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION part_of_agency_touched()', part || '_deleted', part);
    END LOOP;
END $$;

CREATE TRIGGER service_begun AFTER INSERT ON office_system_agency REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION service_turns();
CREATE TRIGGER service_changed AFTER UPDATE ON office_system_agency REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION service_turns();
CREATE TRIGGER succession_begun AFTER INSERT ON agency_succession REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION succession_turns();
CREATE TRIGGER succession_changed AFTER UPDATE ON agency_succession REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION succession_turns();
