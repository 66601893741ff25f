-- Exchange with what is outside this hub: the national axis, and other hubs (docs/national-axis.md).

-- One row for each axis and direction that was ever in use: whether it is paused, and its circuit breaker.
CREATE TABLE far_link (
    axis          text NOT NULL,
    direction     text NOT NULL CHECK (direction IN ('out', 'in')),
    paused_at     timestamptz,
    paused_by     text,
    failures      integer NOT NULL DEFAULT 0,          -- of the link, in a row
    is_open       boolean NOT NULL DEFAULT false,      -- the breaker: nothing passes but a probe
    next_probe_at timestamptz NOT NULL DEFAULT '-infinity',
    last_error    text,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (axis, direction)
);

-- What is known of each call of the far side.
CREATE TABLE far_call (
    axis            text NOT NULL,
    call            text NOT NULL,
    succeeded_at    timestamptz,
    failed_at       timestamptz,
    failure         text,
    clock_ahead_ms  bigint,                            -- how far its clock was ahead of ours at the last answer
    PRIMARY KEY (axis, call)
);

-- The outbox: one row for each package that is to be sent, for all its recipients behind one axis.
CREATE TABLE far_sending (
    id              uuid PRIMARY KEY,
    axis            text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('document', 'status')),
    source_id       uuid NOT NULL,                     -- payload.package_id; of an answer the inward item's id
    stream          uuid NOT NULL,                     -- what must leave in its order has the same
    from_code       text NOT NULL,
    recipients      text[] NOT NULL,
    deliveries      uuid[] NOT NULL,                   -- that it carries; none for a status
    sha256          bytea NOT NULL,
    size            bigint NOT NULL,
    bytes           bytea,                             -- of an answer, which is stored nowhere else
    notation        text NOT NULL,                     -- as the sent list shows it
    title           text NOT NULL,
    urgent          boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    state           text NOT NULL CHECK (state IN ('due', 'calling', 'unclear', 'sent', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    called_at       timestamptz,
    far_id          text,
    ended_at        timestamptz,
    failure         text,
    last_error      text
);

CREATE INDEX far_sending_open ON far_sending (axis, urgent DESC, id) WHERE state IN ('due', 'calling', 'unclear');
CREATE INDEX far_sending_stream ON far_sending (stream, id) WHERE state IN ('due', 'calling', 'unclear');
CREATE INDEX far_sending_failed ON far_sending (axis, id) WHERE state = 'failed';
CREATE INDEX far_sending_ended ON far_sending (ended_at) WHERE state = 'sent';
CREATE INDEX far_sending_source ON far_sending (source_id);
CREATE INDEX far_sending_far_id ON far_sending (axis, far_id) WHERE far_id IS NOT NULL;

-- What came in: one row for each item of the far side's lists.
CREATE TABLE far_inward (
    axis            text NOT NULL,
    far_id          text NOT NULL,
    id              uuid NOT NULL UNIQUE,
    kind            text NOT NULL CHECK (kind IN ('document', 'status')),
    -- accepted: a package or report of ours; repeated: one that was there; undeliverable: refused, and kept;
    -- unreadable: no package at all, and kept
    state           text NOT NULL CHECK (state IN ('accepted', 'repeated', 'undeliverable', 'unreadable')),
    source_id       uuid,                              -- the package or the report
    seen_at         timestamptz NOT NULL,
    acknowledged_at timestamptz,
    sender          text NOT NULL DEFAULT '',
    document_id     text NOT NULL DEFAULT '',
    subject         text NOT NULL DEFAULT '',
    missing         text[] NOT NULL DEFAULT '{}',      -- recipients of ours that it could not be brought to
    reasons         json,
    bytes           bytea,                             -- of what was kept; sealed like a payload
    settled_at      timestamptz,
    settled_by      text,
    PRIMARY KEY (axis, far_id)
);

CREATE INDEX far_inward_open ON far_inward (id)
    WHERE settled_at IS NULL AND (state IN ('undeliverable', 'unreadable') OR missing <> '{}');
CREATE INDEX far_inward_source ON far_inward (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX far_inward_seen ON far_inward (seen_at);

-- Alerts with their beginning and end.
CREATE TABLE far_alert (
    id         uuid PRIMARY KEY,
    axis       text NOT NULL,
    kind       text NOT NULL,
    detail     text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz
);

CREATE UNIQUE INDEX far_alert_open ON far_alert (axis, kind) WHERE ended_at IS NULL;
