-- What stewards look for: the pairs of an entity from either side, what was said about subjects.
CREATE INDEX possible_b ON possible (b, kind);
CREATE INDEX decision_left ON decision USING gin (left_ids);
CREATE INDEX decision_right ON decision USING gin (right_ids);
