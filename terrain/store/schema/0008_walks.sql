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
