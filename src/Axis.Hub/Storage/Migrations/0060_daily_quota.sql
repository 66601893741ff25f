-- What an office system may hand in on a day, and what it did: docs/access.md, "Quotas".

-- Null: the hub's own quota.
ALTER TABLE office_system
    ADD COLUMN packages_per_day integer CHECK (packages_per_day > 0),
    ADD COLUMN bytes_per_day    bigint  CHECK (bytes_per_day > 0);

-- Every node adds what it accepted; a day is one in Vietnam.
CREATE TABLE office_system_usage (
    day              date NOT NULL,
    office_system_id text NOT NULL REFERENCES office_system (id) ON DELETE CASCADE,
    packages         bigint NOT NULL,
    bytes            bigint NOT NULL,
    PRIMARY KEY (day, office_system_id)
);
