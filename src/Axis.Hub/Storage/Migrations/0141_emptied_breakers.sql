-- When nothing was left parked behind a closed breaker. Until then each look asks for parked rows of its queue, after
-- that once an hour: breakers of long ago must not cost every node something every second.
ALTER TABLE route_breaker ADD COLUMN emptied_at timestamptz;
ALTER TABLE event_breaker ADD COLUMN emptied_at timestamptz;
