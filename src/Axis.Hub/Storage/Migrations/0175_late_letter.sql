-- Deliveries that came to their agency later than their ids say: brought to a recipient who was registered late, or
-- handed over to a successor. A look for news goes by ids and would not see them (docs/notices.md).
CREATE TABLE late_letter (
    delivery_id uuid PRIMARY KEY,
    since       timestamptz NOT NULL,                  -- when it came to the agency that has it now
    next        text CHECK (next IN ('arrival', 'delay')) -- what is looked at next; null: nothing more
);

CREATE INDEX late_letter_next ON late_letter (next, since) WHERE next IS NOT NULL;
CREATE INDEX late_letter_over ON late_letter (since) WHERE next IS NULL;
