-- Clients of the VXP door poll for events that carry a status package. Those that carry none stay listed, because that
-- protocol has no call to take them, and a poll must not walk over them.
CREATE INDEX event_listed_report ON event (office_system_id, id) WHERE state = 'listed' AND report_id IS NOT NULL;
