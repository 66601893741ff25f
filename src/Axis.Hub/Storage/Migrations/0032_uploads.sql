-- Resumable uploads: a package that comes in pieces. The pieces are a file beside the payloads; the row says how much of
-- it is synced, which is where a sender goes on. Few and short-lived.
CREATE TABLE upload (
    id               uuid PRIMARY KEY,
    office_system_id text NOT NULL,
    length           bigint NOT NULL,                  -- as announced
    received         bigint NOT NULL DEFAULT 0,        -- on disk, synced
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'refused')),
    answer           json                              -- the receipt or the problem, when the package was submitted
);

CREATE INDEX upload_open ON upload (office_system_id) WHERE state = 'open';
CREATE INDEX upload_expiry ON upload (expires_at);
