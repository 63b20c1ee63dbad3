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

-- Each time an automation was stopped, until it went on: what tripped it with the evidence, who answered, who let it
-- go on and what is different, and how far it has come back (core/breaker.py). One that is open holds it.
CREATE TABLE IF NOT EXISTS trip (
    trip_id         bigint      NOT NULL,
    version         integer     NOT NULL,
    level           smallint    NOT NULL DEFAULT 0,
    stage           smallint    NOT NULL DEFAULT 0,
    at              timestamptz NOT NULL,
    answer_by       timestamptz,
    answered_at     timestamptz,
    resumed_at      timestamptz,
    climbed_at      timestamptz,
    automation      text        NOT NULL,
    cause           text        NOT NULL,
    because         text        NOT NULL,
    by              text        NOT NULL DEFAULT '',
    answered_by     text        NOT NULL DEFAULT '',
    answer          text        NOT NULL DEFAULT '',
    resumed_by      text        NOT NULL DEFAULT '',
    resumed_because text        NOT NULL DEFAULT '',
    resumed_how     text        NOT NULL DEFAULT '',
    evidence        jsonb       NOT NULL,
    CONSTRAINT trip_pk PRIMARY KEY (trip_id)
);

CREATE UNIQUE INDEX IF NOT EXISTS trip_open ON trip (automation) WHERE resumed_at IS NULL;

CREATE INDEX IF NOT EXISTS trip_of ON trip (automation, at, trip_id);

CREATE INDEX IF NOT EXISTS trip_when ON trip (at, trip_id);

CREATE INDEX IF NOT EXISTS trip_unanswered ON trip (answer_by) WHERE answer_by IS NOT NULL;

-- What staff are told, queued with what it is about: one row an address and level, however often it is tried.
CREATE TABLE IF NOT EXISTS notice (
    notice_id   bigint      NOT NULL,
    trip_id     bigint      NOT NULL,
    staff_id    bigint      NOT NULL DEFAULT 0,
    level       smallint    NOT NULL,
    tries       smallint    NOT NULL DEFAULT 0,
    at          timestamptz NOT NULL,
    due_at      timestamptz,
    lease_until timestamptz,
    told_at     timestamptz,
    kind        text        NOT NULL,
    address     text        NOT NULL,
    state       text        NOT NULL,
    because     text        NOT NULL DEFAULT '',
    CONSTRAINT notice_pk PRIMARY KEY (notice_id)
);

CREATE UNIQUE INDEX IF NOT EXISTS notice_once ON notice (trip_id, level, kind, address);

CREATE INDEX IF NOT EXISTS notice_due ON notice (due_at) WHERE due_at IS NOT NULL;

-- The letter of each week: a row a person, queued together and each claimed before its letter leaves.
CREATE TABLE IF NOT EXISTS weekly_letter (
    week        date        NOT NULL,
    tries       smallint    NOT NULL DEFAULT 0,
    staff_id    bigint      NOT NULL,
    due_at      timestamptz,
    lease_until timestamptz,
    sent_at     timestamptz,
    state       text        NOT NULL,
    because     text        NOT NULL DEFAULT '',
    CONSTRAINT weekly_letter_pk PRIMARY KEY (week, staff_id)
);

CREATE INDEX IF NOT EXISTS weekly_letter_due ON weekly_letter (due_at) WHERE due_at IS NOT NULL;

-- One recall: whom it looks for, what makes good and who says so, how far it has come.
CREATE TABLE IF NOT EXISTS recall (
    recall_id    bigint      NOT NULL,
    flag_id      bigint      NOT NULL DEFAULT 0,
    trip_id      bigint      NOT NULL DEFAULT 0,
    prepared_staff bigint    NOT NULL DEFAULT 0,
    approved_staff bigint    NOT NULL DEFAULT 0,
    acts_done    bigint      NOT NULL DEFAULT 0,
    acts_stopped bigint      NOT NULL DEFAULT 0,
    people       integer     NOT NULL DEFAULT 0,
    version      integer     NOT NULL DEFAULT 0,
    opened_at    timestamptz NOT NULL,
    since        timestamptz NOT NULL,
    until        timestamptz NOT NULL,
    found_at     timestamptz,
    prepared_at  timestamptz,
    previewed_at timestamptz,
    approved_at  timestamptz,
    sent_at      timestamptz,
    stopped_at   timestamptz,
    state        text        NOT NULL,
    automation   text        NOT NULL,
    because      text        NOT NULL,
    opened_by    text        NOT NULL,
    prepared_by  text        NOT NULL DEFAULT '',
    approved_by  text        NOT NULL DEFAULT '',
    sent_by      text        NOT NULL DEFAULT '',
    stopped_by   text        NOT NULL DEFAULT '',
    stopped_because text     NOT NULL DEFAULT '',
    scope        jsonb       NOT NULL,
    remedy       jsonb,
    CONSTRAINT recall_pk PRIMARY KEY (recall_id)
);

CREATE INDEX IF NOT EXISTS recall_when ON recall (opened_at, recall_id);

-- What the worker goes on with.
CREATE INDEX IF NOT EXISTS recall_standing ON recall (state, opened_at);

-- How far the look for everybody touched has come: a row for the buckets of one database and each verdict.
CREATE TABLE IF NOT EXISTS recall_look (
    bucket    smallint    NOT NULL,
    recall_id bigint      NOT NULL,
    after_id  bigint      NOT NULL DEFAULT 0,
    after_at  timestamptz NOT NULL,
    done_at   timestamptz,
    verdict   text        NOT NULL,
    CONSTRAINT recall_look_pk PRIMARY KEY (bucket, recall_id, verdict)
);

-- What was counted of a process in one month (core/seen.py): a row a month, so that a year is a sum of twelve.
CREATE TABLE IF NOT EXISTS seen (
    month      date        NOT NULL,
    counted_at timestamptz NOT NULL,
    process    text        NOT NULL,
    counts     jsonb       NOT NULL,
    CONSTRAINT seen_pk PRIMARY KEY (process, month)
);

-- How far the count of one month of one process has come, and what was counted so far.
CREATE TABLE IF NOT EXISTS seen_look (
    month    date        NOT NULL,
    after_id bigint      NOT NULL DEFAULT 0,
    after_at timestamptz NOT NULL,
    process  text        NOT NULL,
    what     text        NOT NULL,
    counts   jsonb       NOT NULL,
    CONSTRAINT seen_look_pk PRIMARY KEY (process, month)
);
