-- What the hub asks of the signatures of a package, by whom it concerns and by time. The most specific row decides:
-- an agency's before its office system's, that before its route's, that before the hub's own.
--   envelope: a valid signature over the package by the sending agency
--   document: at least one attached PDF with a valid, trusted signature
--   either:   one of the two
--   record:   nothing is refused, the verdicts are only written down

CREATE TABLE signature_policy (
    agency_id        uuid REFERENCES agency (id),
    office_system_id text REFERENCES office_system (id),
    route            text CHECK (route = 'national'),  -- agencies reached over the national axis
    policy           text NOT NULL CHECK (policy IN ('envelope', 'document', 'either', 'record')),
    valid_from       timestamptz NOT NULL DEFAULT '-infinity',
    valid_to         timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (num_nonnulls(agency_id, office_system_id, route) <= 1),
    CHECK (valid_from < valid_to),
    -- Periods may lie inside each other: the one that began last decides. So an exception for a month needs one row,
    -- and what held before it holds again after it.
    UNIQUE NULLS NOT DISTINCT (agency_id, office_system_id, route, valid_from)
);

CREATE TRIGGER signature_policy_changed AFTER INSERT OR UPDATE OR DELETE ON signature_policy
    FOR EACH STATEMENT EXECUTE FUNCTION bump_registry_version();

INSERT INTO signature_policy (policy) VALUES ('either');
INSERT INTO signature_policy (route, policy) VALUES ('national', 'record');
-- What office systems were held to so far goes on. A hub of the former version that still runs keeps the registry it
-- has read, and sees no more changes of it.
INSERT INTO signature_policy (office_system_id, policy) SELECT id, signature_policy FROM office_system;

ALTER TABLE office_system DROP COLUMN signature_policy;
