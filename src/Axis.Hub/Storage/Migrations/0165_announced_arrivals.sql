-- Office systems that want an event when a letter lies in their inbox (docs/events.md).
ALTER TABLE office_system ADD COLUMN announces_arrivals boolean NOT NULL DEFAULT false;

-- The inbox whose office system was told so: a letter that is put on the same queue again is no news.
ALTER TABLE delivery ADD COLUMN announced_to text;
