-- A circuit breaker for each event queue, as route_breaker is for inboxes: a queue that takes nothing must not delay the
-- events of others. Apart from route_breaker, because an inbox may be well while the event queue beside it is not.
CREATE TABLE event_breaker (
    office_system_id text PRIMARY KEY,
    state            text NOT NULL CHECK (state IN ('closed', 'open')),
    failures         integer NOT NULL,                 -- in a row
    last_error       text,
    changed_at       timestamptz NOT NULL,
    next_probe_at    timestamptz NOT NULL              -- when one parked event may be tried
);

-- Events are parked as deliveries are (next_attempt_at = 'infinity'). Empty when all is well.
CREATE INDEX event_parked ON event (office_system_id, id)
    WHERE state = 'waiting' AND next_attempt_at = 'infinity';
