-- An answer names no question, so it is told by its time which of several it was given to (docs/lifecycle.md).
ALTER TABLE dialogue
    ADD COLUMN asked_again    boolean NOT NULL DEFAULT false,  -- the delivery had been asked something before
    ADD COLUMN answer_said_at timestamptz;                     -- the answer's own time

UPDATE dialogue q SET asked_again = true
WHERE EXISTS (SELECT FROM dialogue o WHERE o.delivery_id = q.delivery_id AND o.id < q.id);

UPDATE dialogue q SET answer_said_at = r.reported_at FROM status_report r WHERE r.id = q.answer_report_id;
