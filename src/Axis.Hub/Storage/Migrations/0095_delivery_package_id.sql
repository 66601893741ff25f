-- Deliveries of a package are looked for within a range of ids: with both in the index the range is part of the look-up,
-- and no plan is tempted to read the range instead (docs/performance.md).
CREATE INDEX delivery_package_id ON delivery (package_id, id);
DROP INDEX delivery_package;
