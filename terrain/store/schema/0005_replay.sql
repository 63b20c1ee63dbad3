-- Replays over many processes or machines (scale.md): which parts are taken, which are done, with what result.
-- Local tables (R9); a part is a range of buckets and a pure function of its events.

CREATE TABLE IF NOT EXISTS replay (
    name    text        NOT NULL,
    parts   integer     NOT NULL,
    until   timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    house   text        NOT NULL,
    CONSTRAINT replay_pk PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS replay_part (
    name          text        NOT NULL,
    part          integer     NOT NULL,
    owner         text        NOT NULL DEFAULT '',
    claimed_until timestamptz,
    done_at       timestamptz,
    digest        bytea,
    result        bytea,
    CONSTRAINT replay_part_pk PRIMARY KEY (name, part)
);
