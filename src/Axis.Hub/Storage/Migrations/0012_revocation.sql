-- What is known about the revocation of certificates, shared by all nodes and over restarts. Intake never reads these
-- tables: each node keeps them in memory, and asks authorities in the background.

-- One row for each certificate that was met and leads to a trusted authority, below that authority.
CREATE TABLE watched_certificate (
    thumbprint           bytea PRIMARY KEY,            -- SHA-256 of the DER bytes
    der                  bytea NOT NULL,
    issuer_der           bytea NOT NULL,
    subject              text NOT NULL,
    not_after            timestamptz NOT NULL,
    first_seen           timestamptz NOT NULL,
    -- The last word of the authority that could be verified.
    status               text NOT NULL DEFAULT 'unknown' CHECK (status IN ('unknown', 'good', 'revoked')),
    revoked_at           timestamptz,
    this_update          timestamptz,
    fresh_until          timestamptz,
    source               text,
    checked_at           timestamptz,
    -- Asking.
    next_check_at        timestamptz NOT NULL,
    failures             integer NOT NULL DEFAULT 0,   -- in a row
    failing_since        timestamptz,
    last_error           text,
    -- Audited once each: that a signature was taken unchecked, and that the grace ran out. Cleared by an answer.
    unchecked_audited_at timestamptz,
    overdue_audited_at   timestamptz,
    changed_at           timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX watched_certificate_due ON watched_certificate (next_check_at);
CREATE INDEX watched_certificate_changed ON watched_certificate (changed_at);
CREATE INDEX watched_certificate_unchecked ON watched_certificate (thumbprint)
    WHERE unchecked_audited_at IS NOT NULL AND overdue_audited_at IS NULL;

-- Lists of revoked certificates as fetched, so that a second certificate of an issuer needs no second download.
CREATE TABLE revocation_list (
    issuer_sha256 bytea NOT NULL,                      -- of the issuer's certificate
    address       text NOT NULL,
    der           bytea NOT NULL,
    fetched_at    timestamptz NOT NULL,
    PRIMARY KEY (issuer_sha256, address)
);
