-- Reference and local tables: small, rarely written, never counters (scale.md R8, R9).

CREATE TABLE IF NOT EXISTS automation (
    name           text        NOT NULL,
    live_version   integer     NOT NULL,
    changed_at     timestamptz NOT NULL,
    paused_at      timestamptz,
    paused_by      text        NOT NULL DEFAULT '',
    paused_because text        NOT NULL DEFAULT '',
    refused        jsonb,
    CONSTRAINT automation_pk PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS automation_version (
    name    text        NOT NULL,
    version integer     NOT NULL,
    since   timestamptz NOT NULL,
    digest  text        NOT NULL,
    file    text        NOT NULL,
    CONSTRAINT automation_version_pk PRIMARY KEY (name, version)
);

-- Who speaks to us: declared or discovered. `rhythm` is the usual gap between two events, in seconds.
CREATE TABLE IF NOT EXISTS source (
    name          text        NOT NULL,
    kind          text        NOT NULL,
    declared      boolean     NOT NULL DEFAULT false,
    first_heard   timestamptz,
    last_heard    timestamptz,
    events        bigint      NOT NULL DEFAULT 0,
    rhythm        double precision,
    CONSTRAINT source_pk PRIMARY KEY (name)
);

-- Write keys and API keys: shown once, kept as a hash.
CREATE TABLE IF NOT EXISTS access_key (
    key_id     text        NOT NULL,
    hash       bytea       NOT NULL,
    label      text        NOT NULL,
    source     text        NOT NULL,
    scopes     text[]      NOT NULL,
    made_at    timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT access_key_pk PRIMARY KEY (key_id)
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

CREATE INDEX IF NOT EXISTS tray_open ON tray (kind, at) WHERE closed_at IS NULL;

-- The guard's constants and the tables of law, versioned: each change is a new row with who and why.
CREATE TABLE IF NOT EXISTS rule_version (
    kind    text        NOT NULL,
    version integer     NOT NULL,
    since   timestamptz NOT NULL,
    by      text        NOT NULL,
    because text        NOT NULL,
    rules   jsonb       NOT NULL,
    CONSTRAINT rule_version_pk PRIMARY KEY (kind, version)
);

CREATE TABLE IF NOT EXISTS worker (
    name       text        NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    handled    bigint      NOT NULL DEFAULT 0,
    CONSTRAINT worker_pk PRIMARY KEY (name)
);
