-- Months that leave and come back (docs/durability.md, "A month that leaves").

-- A month that was imported again stays until an operator releases it.
ALTER TABLE archived_month ADD COLUMN released boolean NOT NULL DEFAULT false;

-- What changed of a month since its archive was begun. Letters named here stay, like those that are not finished.
-- No key and no index: those who write it must not wait for each other.
CREATE TABLE month_change (
    month       date NOT NULL,
    package_id  uuid,
    delivery_id uuid,
    event_id    uuid
);

-- A trigger on the partitions of a month that is about to leave. Its arguments: the first day, and the table.
CREATE FUNCTION note_month_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[1] = 'package' THEN
        INSERT INTO month_change (month, package_id) VALUES (TG_ARGV[0]::date, NEW.id);
    ELSIF TG_ARGV[1] = 'delivery' THEN
        INSERT INTO month_change (month, delivery_id) VALUES (TG_ARGV[0]::date, NEW.id);
    ELSIF TG_ARGV[1] = 'event' THEN
        INSERT INTO month_change (month, delivery_id, event_id) VALUES (TG_ARGV[0]::date, NEW.delivery_id, NEW.id);
    ELSE
        INSERT INTO month_change (month, delivery_id) VALUES (TG_ARGV[0]::date, NEW.delivery_id);
    END IF;
    RETURN NULL;
END $$;
