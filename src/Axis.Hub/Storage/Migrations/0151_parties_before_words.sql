-- The index of the whole takes over those of the months, which are made.

DROP INDEX package_search;

CREATE INDEX package_search ON package USING gin (parties, words) WITH (gin_pending_list_limit = 16384);
