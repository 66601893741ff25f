-- Growth: whole months leave for an archive. What stays of them is the answer to a repeat: the key (document_key) and the
-- receipt that was given then.
CREATE TABLE archived_receipt (
    package_id uuid PRIMARY KEY,                       -- or the id of a status report
    receipt    json NOT NULL
);

-- Which months were taken out, and the seal of the archive that has them.
CREATE TABLE archived_month (
    month       date PRIMARY KEY,
    archived_at timestamptz NOT NULL,
    folder      text NOT NULL,
    sha256      bytea NOT NULL                         -- of its SHA256SUMS
);
