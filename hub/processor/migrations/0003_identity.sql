-- Identity by the resolver. Its memory is a cache: what it needs to follow the store is here.
DROP TABLE identifier;
-- Which batch changed a subject last, so that a cache goes on from the position it has.
ALTER TABLE subject ADD COLUMN sequence bigint NOT NULL DEFAULT 0;
CREATE INDEX subject_sequence ON subject (sequence);
CREATE INDEX entity_founder ON entity (founding_subject_id);
CREATE INDEX outbox_key ON outbox (key);
-- 'lineage' names this store for caches that follow it: drawn, and one more when a rebuilt one takes
-- its place.
INSERT INTO counter VALUES ('change', 0), ('lineage', 1 + floor(random() * (1 << 30))::bigint);
-- What the weights of each kind of entity are frozen on; values are blind tokens. Settled: all that
-- is stored is decided under them.
CREATE TABLE frozen (
    kind text PRIMARY KEY,
    data bytea NOT NULL,
    sequence bigint NOT NULL,
    settled boolean NOT NULL
);
-- What stewards said, each message once.
CREATE TABLE decision (
    event_id uuid PRIMARY KEY,
    decision_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    left_ids uuid[] NOT NULL,
    right_ids uuid[] NOT NULL,
    steward text NOT NULL,
    reason text NOT NULL,
    decided_at bigint NOT NULL,
    sequence bigint NOT NULL
);
CREATE INDEX decision_of ON decision (decision_id);
CREATE INDEX decision_sequence ON decision (sequence);
-- Pairs of entities, by their first subjects, that a person may look at.
CREATE TABLE possible (
    kind text NOT NULL,
    a uuid NOT NULL,
    b uuid NOT NULL,
    weight int NOT NULL,
    refusal text,
    since_us bigint NOT NULL,
    PRIMARY KEY (kind, a, b)
);
CREATE INDEX possible_since ON possible (since_us);
-- Which subjects an entity has from which version of its view on: what a false link disclosed.
CREATE TABLE membership (
    entity_id uuid NOT NULL,
    version bigint NOT NULL,
    at_us bigint NOT NULL,
    joined uuid[] NOT NULL,
    parted uuid[] NOT NULL,
    PRIMARY KEY (entity_id, version)
);
-- Who is the one active resolver.
CREATE TABLE lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires timestamptz NOT NULL
);
