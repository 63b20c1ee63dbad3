-- Local tables of the mail (scale.md R9).

-- What the sink caught while no mail server was set: for the newcomer to read. The oldest make room.
CREATE TABLE IF NOT EXISTS caught_mail (
    caught_id  bigint      NOT NULL,
    at         timestamptz NOT NULL,
    sender     text        NOT NULL,
    recipient  text        NOT NULL,
    subject    text        NOT NULL,
    message_id text        NOT NULL,
    raw        bytea       NOT NULL,
    CONSTRAINT caught_mail_pk PRIMARY KEY (caught_id)
);

-- From when on a mail domain may get its next letter; one row for all senders of all workers.
CREATE TABLE IF NOT EXISTS mail_pace (
    domain  text        NOT NULL,
    free_at timestamptz NOT NULL,
    CONSTRAINT mail_pace_pk PRIMARY KEY (domain)
);
