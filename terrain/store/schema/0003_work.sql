-- Local tables of those at work (scale.md R9): who tends what, and how far long work came.

-- Which worker tends which bucket. The lease only spreads the load; locks keep it right.
CREATE TABLE IF NOT EXISTS bucket_lease (
    bucket smallint    NOT NULL,
    until  timestamptz NOT NULL,
    owner  text        NOT NULL,
    CONSTRAINT bucket_lease_pk PRIMARY KEY (bucket)
);

-- Who works, by a sign of life every second; what one of them handled in all.
CREATE TABLE IF NOT EXISTS worker (
    name       text        NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    handled    bigint      NOT NULL DEFAULT 0,
    CONSTRAINT worker_pk PRIMARY KEY (name)
);

-- What could not be handled waits here, where people see it, with the reason; nothing is lost.
CREATE TABLE IF NOT EXISTS tray (
    tray_id     bigint      NOT NULL,
    at          timestamptz NOT NULL,
    closed_at   timestamptz,
    kind        text        NOT NULL,
    source      text        NOT NULL,
    code        text        NOT NULL,
    reason      jsonb       NOT NULL,
    payload     bytea       NOT NULL,
    closed_by   text        NOT NULL DEFAULT '',
    CONSTRAINT tray_pk PRIMARY KEY (tray_id)
);

CREATE INDEX IF NOT EXISTS tray_open ON tray (kind, tray_id) WHERE closed_at IS NULL;

-- How much a source has open, which is limited.
CREATE INDEX IF NOT EXISTS tray_of ON tray (source) WHERE closed_at IS NULL AND kind = 'event';

-- How far the look over all customers has come for an automation that starts by the calendar: one row a bucket
-- and period, so that a walk that was killed goes on where it stopped and never starts anybody twice.
CREATE TABLE IF NOT EXISTS walk (
    bucket     smallint    NOT NULL,
    after_id   bigint      NOT NULL DEFAULT 0,
    begun_at   timestamptz NOT NULL,
    done_at    timestamptz,
    automation text        NOT NULL,
    period     text        NOT NULL,
    CONSTRAINT walk_pk PRIMARY KEY (bucket, automation, period)
);

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

-- Replays over many processes or machines (scale.md): which parts are taken, which are done, with what result.
-- A part is a range of buckets and a pure function of its events.
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

-- From when on a mail domain may get its next letter; one row for all senders of all workers.
CREATE TABLE IF NOT EXISTS mail_pace (
    domain  text        NOT NULL,
    free_at timestamptz NOT NULL,
    CONSTRAINT mail_pace_pk PRIMARY KEY (domain)
);
