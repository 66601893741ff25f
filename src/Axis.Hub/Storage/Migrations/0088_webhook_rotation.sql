-- The secret of before, which signs beside the new one for a while (docs/events.md, "Webhooks").
ALTER TABLE webhook
    ADD COLUMN old_sealed bytea,
    ADD COLUMN old_until  timestamptz,
    ADD CHECK ((old_sealed IS NULL) = (old_until IS NULL));
