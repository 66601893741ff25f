-- What the signatures of a package were worth when it was accepted, and what was asked of them. "verdict" is on the
-- envelope, "document_verdict" the best of the attached PDFs; the reasons, and the verdict on each attachment, are in
-- the receipt. Both are columns so that signed rates can be counted without reading receipts.

ALTER TABLE package
    ADD COLUMN signature_policy text NOT NULL DEFAULT 'record',
    ADD COLUMN document_verdict text NOT NULL DEFAULT 'none';
