-- That a registered certificate nears its end is told once for each threshold, by whichever node looks first.

CREATE TABLE certificate_notice (
    agency_id  uuid NOT NULL,
    thumbprint bytea NOT NULL,
    days       integer NOT NULL,                       -- 60, 30, 14, 3
    at         timestamptz NOT NULL,
    PRIMARY KEY (agency_id, thumbprint, days)
);
