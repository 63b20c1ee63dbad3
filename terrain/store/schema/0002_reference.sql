-- Reference tables: small, rarely written, never counters (scale.md R8).

CREATE TABLE IF NOT EXISTS automation (
    name           text        NOT NULL,
    live_version   integer     NOT NULL,
    changed_at     timestamptz NOT NULL,
    paused_at      timestamptz,
    paused_by      text        NOT NULL DEFAULT '',
    paused_because text        NOT NULL DEFAULT '',
    retired_at     timestamptz,
    refused        jsonb,
    CONSTRAINT automation_pk PRIMARY KEY (name)
);

-- What the shop's files said, each time they said something new.
CREATE TABLE IF NOT EXISTS automation_version (
    name    text        NOT NULL,
    version integer     NOT NULL,
    since   timestamptz NOT NULL,
    digest  text        NOT NULL,
    file    text        NOT NULL,
    parsed  bytea       NOT NULL,
    CONSTRAINT automation_version_pk PRIMARY KEY (name, version)
);

CREATE TABLE IF NOT EXISTS catalogue_version (
    version integer     NOT NULL,
    since   timestamptz NOT NULL,
    digest  text        NOT NULL,
    parsed  bytea       NOT NULL,
    CONSTRAINT catalogue_version_pk PRIMARY KEY (version)
);

-- Who speaks to us: declared or discovered. `rhythm` is the usual gap between two events, in seconds; `promised`,
-- of a declared source, speaks louder. `gaps` are seconds of silence, added up by their length (core/silence.py).
CREATE TABLE IF NOT EXISTS source (
    name        text               NOT NULL,
    kind        text               NOT NULL,
    declared    boolean            NOT NULL DEFAULT false,
    first_heard timestamptz,
    last_heard  timestamptz,
    events      bigint             NOT NULL DEFAULT 0,
    rhythm      double precision,
    promised    double precision,
    gaps        double precision[] NOT NULL DEFAULT '{}',
    CONSTRAINT source_pk PRIMARY KEY (name)
);

-- Write keys and API keys: shown once, kept as a hash. One that another follows goes on until it closes.
CREATE TABLE IF NOT EXISTS access_key (
    key_id     text        NOT NULL,
    hash       bytea       NOT NULL,
    label      text        NOT NULL,
    source     text        NOT NULL,
    scopes     text[]      NOT NULL,
    made_at    timestamptz NOT NULL,
    closes_at  timestamptz,
    successor  text        NOT NULL DEFAULT '',
    CONSTRAINT access_key_pk PRIMARY KEY (key_id)
);

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

-- How often reference data changed, so that a worker or a page knows from one row whether to read it again.
CREATE TABLE IF NOT EXISTS reference (
    what    text   NOT NULL,
    changes bigint NOT NULL,
    CONSTRAINT reference_pk PRIMARY KEY (what)
);
