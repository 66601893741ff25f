-- Items whose acknowledgement the far side has not confirmed: few, and looked at with every poll.
CREATE INDEX far_inward_told ON far_inward (axis, kind) WHERE acknowledged_at IS NULL;
