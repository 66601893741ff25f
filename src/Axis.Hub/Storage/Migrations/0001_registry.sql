-- The registry: who may send, who receives, with which codes, keys and secrets.
-- Small (10^5 agencies), read into memory as one snapshot; every change bumps registry_version.

CREATE TABLE agency (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    in_charge   text,                                  -- cơ quan chủ quản
    parent_id   uuid REFERENCES agency (id),
    kind        text NOT NULL,                         -- office, department, commune, ministry, ...
    reach       text NOT NULL CHECK (reach IN ('province', 'national')),
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'locked', 'closed')),
    email       text,
    changed_at  timestamptz NOT NULL DEFAULT now()
);

-- Every code an agency has or had. Half-open validity [valid_from, valid_to).
CREATE TABLE agency_code (
    code        text NOT NULL,
    agency_id   uuid NOT NULL REFERENCES agency (id),
    is_primary  boolean NOT NULL DEFAULT true,         -- the form shown to people; others are older or equivalent forms
    valid_from  timestamptz NOT NULL DEFAULT '-infinity',
    valid_to    timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (code, valid_from),
    CHECK (valid_from < valid_to)
);

CREATE INDEX agency_code_agency ON agency_code (agency_id);

CREATE TABLE office_system (
    id               text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
    name             text NOT NULL,
    status           text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'locked')),
    inbox_door       text NOT NULL DEFAULT 'http' CHECK (inbox_door IN ('http', 'amqp')),
    signature_policy text NOT NULL DEFAULT 'envelope' CHECK (signature_policy IN ('envelope', 'record')),
    created_at       timestamptz NOT NULL DEFAULT now()
);

-- Which office system speaks for an agency. At most one at a time.
CREATE TABLE office_system_agency (
    agency_id        uuid NOT NULL REFERENCES agency (id),
    office_system_id text NOT NULL REFERENCES office_system (id),
    since            timestamptz NOT NULL DEFAULT now(),
    until            timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (agency_id, since),
    CHECK (since < until)
);

-- People of the IT centre. Roles: viewer, operator, registrar, auditor.
CREATE TABLE operator (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
    name        text NOT NULL,
    roles       text[] NOT NULL,
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'locked')),
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- Secrets are 256 random bits made by the hub, so one SHA-256 is enough: there is nothing to guess.
CREATE TABLE credential (
    id               uuid PRIMARY KEY,
    office_system_id text REFERENCES office_system (id),
    operator_id      text REFERENCES operator (id),
    secret_sha256    bytea NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    not_after        timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (num_nonnulls(office_system_id, operator_id) = 1)
);

CREATE TABLE certificate (
    agency_id   uuid NOT NULL REFERENCES agency (id),
    thumbprint  bytea NOT NULL,                        -- SHA-256 of the DER bytes
    der         bytea NOT NULL,
    subject     text NOT NULL,
    not_before  timestamptz NOT NULL,
    not_after   timestamptz NOT NULL,
    revoked_at  timestamptz NOT NULL DEFAULT 'infinity',
    added_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agency_id, thumbprint)
);

CREATE TABLE registry_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);

INSERT INTO registry_version (version) VALUES (1);

-- Statement-level: one bump per statement, one notification per transaction and version.
CREATE FUNCTION bump_registry_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_version SET version = version + 1;
    PERFORM pg_notify('axis_registry', '');
    RETURN NULL;
END $$;

CREATE TRIGGER agency_changed AFTER INSERT OR UPDATE OR DELETE ON agency
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER agency_code_changed AFTER INSERT OR UPDATE OR DELETE ON agency_code
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER office_system_changed AFTER INSERT OR UPDATE OR DELETE ON office_system
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER office_system_agency_changed AFTER INSERT OR UPDATE OR DELETE ON office_system_agency
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER operator_changed AFTER INSERT OR UPDATE OR DELETE ON operator
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER credential_changed AFTER INSERT OR UPDATE OR DELETE ON credential
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER certificate_changed AFTER INSERT OR UPDATE OR DELETE ON certificate
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

-- Who did what, refusals included. Never secrets, never document content.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,                             -- office system, operator, or 'hub'
    remote  text,                                      -- address the request came from
    action  text NOT NULL,                             -- package.submit, token.issue, ...
    outcome text NOT NULL,                             -- ok, refused, denied
    detail  jsonb NOT NULL DEFAULT '{}'
);
