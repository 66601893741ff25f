-- Deadlines in working time (docs/deadlines.md). Only letters that have one have a row.

-- Of the letter: sent on paper too (Bussiness/Paper), and the day by which it asks to be dealt with (DueDate).
ALTER TABLE package
    ADD COLUMN paper  boolean,
    ADD COLUMN due_on date;

CREATE TABLE deadline (
    delivery_id         uuid NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('reception', 'completion')),
    package_id          uuid NOT NULL,
    sender_agency_id    uuid NOT NULL,
    recipient_agency_id uuid NOT NULL,
    started_at          timestamptz NOT NULL,
    first_due_at        timestamptz NOT NULL,          -- before any extension
    due_at              timestamptz NOT NULL,
    settled_at          timestamptz,                   -- when the clock stopped
    outcome             text CHECK (outcome IN ('met', 'missed', 'void')),
    reminders           integer NOT NULL DEFAULT 0,
    next_reminder_at    timestamptz,
    PRIMARY KEY (delivery_id, kind),
    CHECK ((settled_at IS NULL) = (outcome IS NULL))
);

CREATE INDEX deadline_reminder ON deadline (next_reminder_at) WHERE next_reminder_at IS NOT NULL;
CREATE INDEX deadline_open ON deadline (due_at, delivery_id) WHERE settled_at IS NULL;
CREATE INDEX deadline_of_recipient ON deadline (recipient_agency_id, due_at, delivery_id) WHERE settled_at IS NULL;
CREATE INDEX deadline_of_sender ON deadline (sender_agency_id, due_at, delivery_id) WHERE settled_at IS NULL;

-- What the recipient asked for and the sender said. At most one open question for a delivery.
CREATE TABLE deadline_extension (
    id          uuid PRIMARY KEY,
    delivery_id uuid NOT NULL,
    asked_at    timestamptz NOT NULL,
    asked_by    text NOT NULL,                         -- the office system
    asked_until timestamptz NOT NULL,
    reason      text NOT NULL,
    state       text NOT NULL CHECK (state IN ('asked', 'granted', 'declined')),
    answered_at timestamptz,
    answered_by text,
    until       timestamptz,                           -- as granted
    answer      text
);

CREATE UNIQUE INDEX deadline_extension_open ON deadline_extension (delivery_id) WHERE state = 'asked';
CREATE INDEX deadline_extension_delivery ON deadline_extension (delivery_id);
