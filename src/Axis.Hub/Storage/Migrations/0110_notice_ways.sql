-- Mail and the address of the clerks are two ways, each with its own tries (docs/notices.md). due_at and attempts are
-- those of mail.
ALTER TABLE notice
    ADD COLUMN push_due_at   timestamptz,              -- null: as due_at
    ADD COLUMN push_attempts integer NOT NULL DEFAULT 0,
    -- What the mail server said to each mailbox, by SMTP code; null when it refused none.
    ADD COLUMN mailboxes     jsonb;

-- overtaken: the letter was withdrawn, or taken, before it was told.
ALTER TABLE notice DROP CONSTRAINT notice_state_check;
ALTER TABLE notice ADD CONSTRAINT notice_state_check CHECK (state IN ('waiting', 'sent', 'given_up', 'overtaken'));

CREATE INDEX notice_push_due ON notice (coalesce(push_due_at, due_at)) WHERE state = 'waiting' AND NOT pushed;
CREATE INDEX notice_refused ON notice (agency_id, at DESC) WHERE mailboxes IS NOT NULL;
