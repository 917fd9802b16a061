-- What stewards look for: the pairs of an entity from either side, what was said about subjects.
CREATE INDEX possible_b ON possible (b, kind);
CREATE INDEX decision_left ON decision USING gin (left_ids);
CREATE INDEX decision_right ON decision USING gin (right_ids);
-- The name of a pair that waits, the same in a rebuilt store.
ALTER TABLE possible ADD COLUMN pair_id uuid NOT NULL GENERATED ALWAYS AS
    (left(encode(sha256((kind || a::text || b::text)::bytea), 'hex'), 32)::uuid) STORED;
CREATE UNIQUE INDEX possible_pair ON possible (pair_id);
-- Who saw personal values, of whom and why. Rows are only ever added.
CREATE TABLE reveal (
    reveal_id uuid PRIMARY KEY,
    at_us bigint NOT NULL,
    steward text NOT NULL,
    reason text NOT NULL,
    subject_ids uuid[] NOT NULL
);
CREATE INDEX reveal_at ON reveal (at_us);
CREATE INDEX reveal_of ON reveal USING gin (subject_ids);
