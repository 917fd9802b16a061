-- Everything of the processor in one schema, whose name is the search path's first.
CREATE TABLE applied (
    topic text NOT NULL,
    partition int NOT NULL,
    next_offset bigint,
    epoch bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    schema_id int NOT NULL
);
CREATE TABLE subject (
    subject_id uuid PRIMARY KEY,
    kind text NOT NULL,
    record_id uuid NOT NULL,
    entity_id uuid,
    state bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX subject_entity ON subject (entity_id);
CREATE INDEX subject_record ON subject (record_id);
CREATE TABLE identifier (
    token uuid NOT NULL,
    subject_id uuid NOT NULL,
    PRIMARY KEY (token, subject_id)
);
CREATE INDEX identifier_subject ON identifier (subject_id);
CREATE TABLE entity (
    entity_id uuid PRIMARY KEY,
    kind text NOT NULL,
    founding_subject_id uuid NOT NULL,
    minted_order bigint NOT NULL,
    redirect_to uuid,
    retired boolean NOT NULL DEFAULT false
);
CREATE TABLE view (
    entity_id uuid PRIMARY KEY,
    kind text NOT NULL,
    version bigint NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    retired boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);
CREATE TABLE outbox (
    sequence bigint PRIMARY KEY,
    topic text NOT NULL,
    key bytea,
    value bytea,
    headers bytea NOT NULL
);
CREATE TABLE counter (
    name text PRIMARY KEY,
    value bigint NOT NULL
);
INSERT INTO counter VALUES ('outbox', 0), ('entity', 0), ('identity', 0);
CREATE TABLE books (
    connector text NOT NULL,
    entry text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (connector, entry)
);
