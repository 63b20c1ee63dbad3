-- Local tables of the pages (scale.md R9).

-- One-time ways in, printed by a terminal or sent by e-mail: kept as a hash, good once and not for long.
-- `address` is what somebody's own address is to be, once they have shown that they read what is sent there.
CREATE TABLE IF NOT EXISTS entry (
    hash       bytea       NOT NULL,
    kind       text        NOT NULL,
    staff_id   bigint      NOT NULL,
    made_at    timestamptz NOT NULL,
    good_until timestamptz NOT NULL,
    used_at    timestamptz,
    address    text        NOT NULL DEFAULT '',
    CONSTRAINT entry_pk PRIMARY KEY (hash)
);

CREATE INDEX IF NOT EXISTS entry_of ON entry (staff_id, kind);

-- How often something that can be guessed was tried; `who` is a keyed hash of an account or a place.
CREATE TABLE IF NOT EXISTS attempt (
    who   bytea       NOT NULL,
    n     integer     NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT attempt_pk PRIMARY KEY (who)
);

CREATE INDEX IF NOT EXISTS attempt_since ON attempt (since);

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

-- When each key was last used, to the minute.
CREATE TABLE IF NOT EXISTS key_use (
    key_id text        NOT NULL,
    at     timestamptz NOT NULL,
    CONSTRAINT key_use_pk PRIMARY KEY (key_id)
);

-- What staff did, and who tried to sign in. Rows are only ever added, and let go of when they are old enough
-- (store/audit.py). `about` are the parts of the page's address, `details` what the page said of it: ids both.
CREATE TABLE IF NOT EXISTS audit (
    audit_id    bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL,
    staff_id    bigint,
    name        text        NOT NULL DEFAULT '',
    what        text        NOT NULL,
    outcome     smallint    NOT NULL,
    customer_id bigint,
    about       jsonb       NOT NULL DEFAULT '{}',
    details     jsonb       NOT NULL DEFAULT '{}',
    CONSTRAINT audit_pk PRIMARY KEY (audit_id)
);

CREATE INDEX IF NOT EXISTS audit_when ON audit (at DESC, audit_id DESC);

CREATE INDEX IF NOT EXISTS audit_who ON audit (staff_id, at DESC, audit_id DESC);

CREATE INDEX IF NOT EXISTS audit_what ON audit (what, at DESC, audit_id DESC);

CREATE INDEX IF NOT EXISTS audit_customer ON audit (customer_id, at DESC, audit_id DESC)
    WHERE customer_id IS NOT NULL;

-- Which roles need a second factor to come in: each change is a new row with who and why; the latest holds.
CREATE TABLE IF NOT EXISTS second_factor_rule (
    version integer     NOT NULL GENERATED ALWAYS AS IDENTITY,
    since   timestamptz NOT NULL,
    by      text        NOT NULL,
    because text        NOT NULL,
    roles   text[]      NOT NULL,
    CONSTRAINT second_factor_rule_pk PRIMARY KEY (version)
);
