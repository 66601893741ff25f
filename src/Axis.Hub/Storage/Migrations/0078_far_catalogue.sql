-- What the last reading of a far axis' catalogue showed (docs/national-axis.md). One row for each axis.
CREATE TABLE far_catalogue (
    axis        text PRIMARY KEY,
    ran_at      timestamptz NOT NULL,
    applied     boolean NOT NULL,
    differences integer NOT NULL,
    set_aside   integer NOT NULL,                      -- rows that contradict the registry
    closing     integer NOT NULL,
    waiting     bigint NOT NULL,                       -- letters under way to agencies that are closed by it or before
    failure     text                                   -- why it could not be read
);
