-- Local tables of the pages (scale.md R9).

-- One-time ways in that a terminal printed: kept as a hash, good once and not for long.
CREATE TABLE IF NOT EXISTS entry (
    hash    bytea       NOT NULL,
    made_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT entry_pk PRIMARY KEY (hash)
);

-- What a long piece of work found out, for people to read: the demo, a replay. The latest of a name stands.
CREATE TABLE IF NOT EXISTS report (
    name    text        NOT NULL,
    made_at timestamptz NOT NULL,
    body    jsonb       NOT NULL,
    CONSTRAINT report_pk PRIMARY KEY (name)
);

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
