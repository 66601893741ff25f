-- Office systems that speak the protocol of the national axis (docs/vxp-compatibility.md).

-- access: on; receive: lists, fetches, acknowledges and reports statuses, but sends no documents; off.
CREATE TABLE vxp_client (
    office_system_id text PRIMARY KEY REFERENCES office_system (id),
    system_id        text NOT NULL UNIQUE CHECK (system_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    access           text NOT NULL CHECK (access IN ('on', 'receive', 'off')),
    changed_at       timestamptz NOT NULL DEFAULT now()
);

-- The key of an HMAC must be known in full, unlike a client secret: it is sealed with a key that is in no database.
CREATE TABLE vxp_secret (
    id               uuid PRIMARY KEY,
    office_system_id text NOT NULL REFERENCES vxp_client (office_system_id),
    sealed           bytea NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    not_after        timestamptz NOT NULL DEFAULT 'infinity'
);

CREATE INDEX vxp_secret_holder ON vxp_secret (office_system_id);

CREATE TRIGGER vxp_client_changed AFTER INSERT OR UPDATE OR DELETE ON vxp_client
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();
CREATE TRIGGER vxp_secret_changed AFTER INSERT OR UPDATE OR DELETE ON vxp_secret
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

-- What the recipient's office system said about taking a document or a status over: processing or fail. Once it is
-- done, the state says so.
ALTER TABLE delivery ADD COLUMN pickup text;
ALTER TABLE event ADD COLUMN pickup text;

-- What an office system has sent, newest first.
CREATE INDEX package_submitter ON package (office_system_id, id);
CREATE INDEX status_report_submitter ON status_report (office_system_id, id);
