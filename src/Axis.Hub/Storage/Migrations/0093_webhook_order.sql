-- A webhook that somebody added, resumed or replayed is looked at by the next node that looks, whether it has news or not.
ALTER TABLE webhook ADD COLUMN is_ordered boolean NOT NULL DEFAULT false;
