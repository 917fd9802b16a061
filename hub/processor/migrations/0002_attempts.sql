-- What a worker has in hand, told before it is touched: what is still there at the next assignment
-- was in hand when the process died.
ALTER TABLE applied
    ADD COLUMN attempt_first bigint,
    ADD COLUMN attempt_last bigint,
    ADD COLUMN deaths int NOT NULL DEFAULT 0;
-- Messages that killed the process and are never touched again, also by a rebuild.
CREATE TABLE deadly (
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    PRIMARY KEY (topic, partition, "offset")
);
