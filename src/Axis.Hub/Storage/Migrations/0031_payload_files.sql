-- Which package a payload file belongs to, for the sweep of files that none does. Small packages are in their rows, so
-- that the index costs them nothing.
CREATE INDEX package_file ON package (sha256) WHERE size > 65536;
