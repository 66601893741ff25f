-- Dispatch that is complete: dead letters in groups, replays driven by rows, and a circuit breaker for each route.

-- Why a delivery does not get on, as a word to group by; last_error says it in full.
ALTER TABLE delivery ADD COLUMN failure text;

-- What is given up is looked at by group.
CREATE INDEX delivery_failed ON delivery (office_system_id, id) WHERE state = 'failed';

-- Urgent deliveries are claimed first, however much is due.
CREATE INDEX delivery_due_urgent ON delivery (next_attempt_at) WHERE state = 'waiting' AND urgent;

-- A delivery is parked (next_attempt_at = 'infinity') while the breaker of its route is open. Empty when all is well, so
-- that the hot path pays nothing for it.
CREATE INDEX delivery_parked ON delivery (office_system_id, urgent DESC, id)
    WHERE state = 'waiting' AND next_attempt_at = 'infinity';

-- One row for each inbox that ever failed. It is shared by all nodes and survives their restarts.
CREATE TABLE route_breaker (
    office_system_id text PRIMARY KEY,
    state            text NOT NULL CHECK (state IN ('closed', 'open')),
    failures         integer NOT NULL,                 -- in a row
    last_error       text,
    changed_at       timestamptz NOT NULL,
    next_probe_at    timestamptz NOT NULL              -- when one parked delivery may be tried
);

-- An operator's order to try failed deliveries again. The order is the row: whichever node lives carries it out.
CREATE TABLE replay (
    id               uuid PRIMARY KEY,
    requested_at     timestamptz NOT NULL,
    requested_by     text NOT NULL,
    -- What is to be replayed: any of these narrows, none means all that had failed at that moment.
    failure          text,
    route            text,
    office_system_id text,
    delivery_id      uuid,
    -- How fast: either so many a second, or batches of these sizes, each after the one before was delivered.
    per_second       integer,
    batches          integer[],
    state            text NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    reason           text,                             -- why it was stopped
    total            integer NOT NULL,                 -- how many there were when it was ordered
    released         integer NOT NULL DEFAULT 0,
    steps            integer NOT NULL DEFAULT 0,
    position         uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the last one released
    next_at          timestamptz,                      -- of the next step, while it runs
    changed_at       timestamptz NOT NULL,
    CHECK (num_nonnulls(per_second, batches) = 1)
);

-- The same order pressed twice is one order.
CREATE UNIQUE INDEX replay_running ON replay
    (coalesce(failure, ''), coalesce(route, ''), coalesce(office_system_id, ''),
     coalesce(delivery_id, '00000000-0000-0000-0000-000000000000'))
    WHERE state = 'running';
CREATE INDEX replay_due ON replay (next_at) WHERE state = 'running';

-- What a replay released, for its progress.
CREATE TABLE replay_item (
    replay_id   uuid NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    delivery_id uuid NOT NULL,
    step        integer NOT NULL,
    PRIMARY KEY (replay_id, delivery_id)
);
