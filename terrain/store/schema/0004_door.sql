-- What the door remembers of imports and of how sources usually speak: local tables, never joined to hot ones.

-- One row a file and mapping: how far it was read, so that an interrupted import goes on where it stopped.
CREATE TABLE IF NOT EXISTS import (
    import_id  text        NOT NULL,
    file       text        NOT NULL,
    mapping    text        NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    steps      bigint      NOT NULL DEFAULT 0,
    events     bigint      NOT NULL DEFAULT 0,
    seen       bigint      NOT NULL DEFAULT 0,
    refused    bigint      NOT NULL DEFAULT 0,
    CONSTRAINT import_pk PRIMARY KEY (import_id)
);

-- How long a source was silent, in seconds, added up by the length of the silence (core/silence.py).
ALTER TABLE source ADD COLUMN IF NOT EXISTS gaps double precision[] NOT NULL DEFAULT '{}';

-- The rhythm that a declared source promised; it speaks louder than the one that was heard.
ALTER TABLE source ADD COLUMN IF NOT EXISTS promised double precision;
