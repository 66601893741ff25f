-- Notices to people (docs/notices.md).

-- What the clerks of an agency want to hear, and when. Agencies without a row hear nothing.
CREATE TABLE notice_preference (
    agency_id  uuid PRIMARY KEY REFERENCES agency (id),
    arrivals   text NOT NULL CHECK (arrivals IN ('off', 'immediate', 'digest')),
    delays     text NOT NULL CHECK (delays IN ('off', 'immediate', 'digest')),
    trouble    boolean NOT NULL,                       -- of the inbox that its letters go to
    digest_at  time[] NOT NULL,                        -- Vietnamese time
    quiet_from time,
    quiet_to   time,
    url        text,                                   -- beside mail: a webhook
    url_id     uuid,                                   -- what its secret is bound to
    sealed     bytea,                                  -- its secret
    changed_at timestamptz NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

-- One thing to be told to one agency; an agency of null is the IT centre. The key makes it once, whichever nodes see it.
CREATE TABLE notice (
    id        uuid PRIMARY KEY,
    agency_id uuid,
    kind      text NOT NULL CHECK (kind IN ('arrival', 'delay', 'trouble', 'cleared')),
    key       text NOT NULL UNIQUE,
    urgent    boolean NOT NULL,
    at        timestamptz NOT NULL,
    due_at    timestamptz NOT NULL,
    detail    json NOT NULL,
    state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
    attempts  integer NOT NULL DEFAULT 0,
    mailed    boolean NOT NULL DEFAULT false,
    pushed    boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL
);

CREATE INDEX notice_due ON notice (due_at) WHERE state = 'waiting';
CREATE INDEX notice_at ON notice (at);

-- How far the look for arrivals and for delays has come.
CREATE TABLE notice_look (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    arrivals_to timestamptz,
    delays_to   timestamptz
);

INSERT INTO notice_look DEFAULT VALUES;

-- Inboxes whose trouble was told and whose end is to be told.
CREATE TABLE notice_trouble (
    office_system_id text PRIMARY KEY,
    since            timestamptz NOT NULL
);
