-- Webhooks (docs/events.md): each is a cursor into the feed, and somebody's address.
CREATE TABLE webhook (
    id               uuid PRIMARY KEY,
    office_system_id text REFERENCES office_system (id), -- null: the IT centre's, which hears of everything
    url              text NOT NULL,
    types            text[],                           -- null: all
    agency_id        uuid,                             -- null: of letters of whomever
    -- The key of an HMAC must be known in full: it is sealed with a key that is in no database.
    sealed           bytea NOT NULL,
    state            text NOT NULL CHECK (state IN ('active', 'paused')),
    reason           text,                             -- why it is paused
    created_at       timestamptz NOT NULL,
    created_by       text NOT NULL,
    position         bigint NOT NULL,                  -- everything up to here was taken
    failures         integer NOT NULL DEFAULT 0,       -- in a row
    failing_since    timestamptz,
    last_error       text,
    last_success_at  timestamptz,
    next_attempt_at  timestamptz NOT NULL,
    lease            uuid,                             -- of the node that pushes; whoever changes the row takes it away
    leased_until     timestamptz
);

CREATE INDEX webhook_owner ON webhook (office_system_id);
CREATE INDEX webhook_due ON webhook (next_attempt_at) WHERE state = 'active';
