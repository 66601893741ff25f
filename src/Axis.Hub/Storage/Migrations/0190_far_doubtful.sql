-- Calls whose outcome is not known, and rows that the far side may have had (National/FarClaims): asked for in every round,
-- of which a backlog after an outage takes thousands. They are few, and must not be looked for among all that is due.
CREATE INDEX far_sending_doubtful ON far_sending (axis, urgent DESC, id)
    WHERE state IN ('calling', 'unclear') OR (state = 'due' AND was_unclear);
