-- Public keys and certificates by which office systems prove who they are. The private halves never come here.
CREATE TABLE client_key (
    thumbprint       bytea PRIMARY KEY,                -- SHA-256 of der
    office_system_id text NOT NULL REFERENCES office_system (id),
    kind             text NOT NULL CHECK (kind IN ('certificate', 'public_key')),
    der              bytea NOT NULL,                   -- the certificate, or SubjectPublicKeyInfo
    name             text NOT NULL DEFAULT '',         -- of a certificate: its subject as the broker writes it
    not_before       timestamptz NOT NULL DEFAULT '-infinity',
    not_after        timestamptz NOT NULL DEFAULT 'infinity',
    revoked_at       timestamptz NOT NULL DEFAULT 'infinity',
    added_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER client_key_changed AFTER INSERT OR UPDATE OR DELETE ON client_key
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

-- Assertions that were used (RFC 7523): each serves once, on whichever node it is shown. Rows go when their assertion
-- would no longer be accepted anyway, so there are never more than one lifetime brings.
CREATE TABLE client_assertion (
    office_system_id text NOT NULL,
    jti_sha256       bytea NOT NULL,
    expires_at       timestamptz NOT NULL,
    PRIMARY KEY (office_system_id, jti_sha256)
);

CREATE INDEX client_assertion_expires ON client_assertion (expires_at);
