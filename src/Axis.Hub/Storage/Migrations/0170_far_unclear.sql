-- Whether a call of this row ever ended with unknown outcome: the far side may have had it before (docs/national-axis.md).
ALTER TABLE far_sending ADD COLUMN was_unclear boolean NOT NULL DEFAULT false;

-- Sent as a report on it says, before the sent list did: few, and the list's id is theirs before it is anybody's.
CREATE INDEX far_sending_unnamed ON far_sending (axis, id)
    WHERE state = 'sent' AND far_id IS NULL AND kind = 'document';
