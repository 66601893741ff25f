-- The audit log as a chain: each row carries the hash of the row before it and of itself. docs/audit.md says what that
-- is worth. A trigger computes it, so that no writer can forget it or choose its place.

CREATE TABLE audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint NOT NULL,
    hash     bytea NOT NULL
);

INSERT INTO audit_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- The head at a moment, signed by the hub: a compact JWS over seq, hash and time.
CREATE TABLE audit_checkpoint (
    seq bigint PRIMARY KEY,
    at  timestamptz NOT NULL,
    jws text NOT NULL
);

ALTER TABLE audit ADD COLUMN seq bigint, ADD COLUMN hash bytea;

-- Length, colon, bytes, comma: no two lists of texts give the same bytes.
CREATE FUNCTION netstring(x text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT convert_to(CASE WHEN x IS NULL THEN '-,' ELSE octet_length(x) || ':' || x || ',' END, 'UTF8')
$$;

CREATE FUNCTION audit_time(x timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(x AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION audit_hash(
    previous bytea, seq bigint, at timestamptz, actor text, remote text, action text, outcome text, detail jsonb
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || netstring(seq::text) || netstring(audit_time(at)) || netstring(actor)
        || netstring(remote) || netstring(action) || netstring(outcome) || netstring(detail::text))
$$;

CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    previous bytea;
BEGIN
    -- The lock holds until the transaction ends: whoever writes next continues from here.
    UPDATE audit_head SET seq = audit_head.seq + 1 RETURNING audit_head.seq, audit_head.hash INTO NEW.seq, previous;
    NEW.hash := audit_hash(
        previous, NEW.seq, NEW.at, NEW.actor, NEW.remote, NEW.action, NEW.outcome, NEW.detail);
    UPDATE audit_head SET hash = NEW.hash;
    RETURN NEW;
END $$;

-- What was there before is chained in its order.
DO $$
DECLARE
    line     audit;
    previous bytea;
    n        bigint;
BEGIN
    SELECT head.seq, head.hash INTO n, previous FROM audit_head head;
    FOR line IN SELECT * FROM audit ORDER BY id LOOP
        n := n + 1;
        previous := audit_hash(
            previous, n, line.at, line.actor, line.remote, line.action, line.outcome, line.detail);
        UPDATE audit SET seq = n, hash = previous WHERE id = line.id;
    END LOOP;
    UPDATE audit_head SET seq = n, hash = previous;
END $$;

ALTER TABLE audit ALTER COLUMN seq SET NOT NULL, ALTER COLUMN hash SET NOT NULL;

CREATE UNIQUE INDEX audit_seq ON audit (seq);

CREATE TRIGGER audit_chained BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit();
