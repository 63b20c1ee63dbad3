-- Reference tables: small, rarely written, never counters (scale.md R8).

-- `reach` and `by_mail` are of one that another system runs: how far it was seen to go. Empty for our own.
CREATE TABLE IF NOT EXISTS automation (
    by_mail        boolean     NOT NULL DEFAULT false,
    name           text        NOT NULL,
    reach          text        NOT NULL DEFAULT '',
    live_version   integer     NOT NULL,
    changed_at     timestamptz NOT NULL,
    paused_at      timestamptz,
    paused_by      text        NOT NULL DEFAULT '',
    paused_because text        NOT NULL DEFAULT '',
    retired_at     timestamptz,
    refused        jsonb,
    CONSTRAINT automation_pk PRIMARY KEY (name)
);

-- What an automation said, each time it said something new, with the names behind it: who proposed it and who put
-- it live. `origin` is where it came from: the folder, a page, the terminal, the demo.
CREATE TABLE IF NOT EXISTS automation_version (
    name             text        NOT NULL,
    version          integer     NOT NULL,
    since            timestamptz NOT NULL,
    digest           text        NOT NULL,
    origin           text        NOT NULL,
    proposed_by      text        NOT NULL DEFAULT '',
    proposed_because text        NOT NULL DEFAULT '',
    approved_by      text        NOT NULL DEFAULT '',
    approved_because text        NOT NULL DEFAULT '',
    file             text        NOT NULL,
    parsed           bytea       NOT NULL,
    CONSTRAINT automation_version_pk PRIMARY KEY (name, version)
);

-- A version that somebody would like to see live; what became of it stays, with who said so and why.
CREATE TABLE IF NOT EXISTS automation_proposal (
    proposal_id     bigint      NOT NULL,
    staff_id        bigint      NOT NULL DEFAULT 0,
    version         integer     NOT NULL DEFAULT 0,
    at              timestamptz NOT NULL,
    settled_at      timestamptz,
    name            text        NOT NULL,
    state           text        NOT NULL,
    origin          text        NOT NULL,
    by              text        NOT NULL,
    because         text        NOT NULL,
    settled_by      text        NOT NULL DEFAULT '',
    settled_because text        NOT NULL DEFAULT '',
    digest          text        NOT NULL,
    file            text        NOT NULL,
    parsed          bytea       NOT NULL,
    CONSTRAINT automation_proposal_pk PRIMARY KEY (proposal_id)
);

CREATE INDEX IF NOT EXISTS automation_proposal_of ON automation_proposal (name, at);

-- What the folder said of each automation when it was last read, so that an old file undoes nothing by lying there.
CREATE TABLE IF NOT EXISTS automation_file (
    name    text        NOT NULL,
    seen_at timestamptz NOT NULL,
    digest  text        NOT NULL,
    file    text        NOT NULL,
    said    text        NOT NULL,
    CONSTRAINT automation_file_pk PRIMARY KEY (name)
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

-- How far a source was to be believed, each time somebody said so anew: who, and why. Rows are only ever added.
CREATE TABLE IF NOT EXISTS source_word (
    name     text             NOT NULL,
    at       timestamptz      NOT NULL,
    kind     text             NOT NULL,
    promised double precision,
    by       text             NOT NULL,
    because  text             NOT NULL,
    CONSTRAINT source_word_pk PRIMARY KEY (name, at)
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

-- How each watch stands (core/watch.py): one row a signal of the versions that act alike, written when it changed.
-- `meter` is what it goes on from: days that are closed frozen into a few numbers, and those still open.
CREATE TABLE IF NOT EXISTS watch (
    first_version  integer          NOT NULL,
    version        integer          NOT NULL,
    acts           bigint           NOT NULL,
    bad            bigint           NOT NULL,
    after_trip     bigint           NOT NULL,
    share          double precision NOT NULL,
    acts_per_year  double precision NOT NULL,
    holdout        double precision NOT NULL,
    strength       double precision NOT NULL,
    held_acts      bigint,
    held_bad       bigint,
    since          timestamptz,
    deaf_since     timestamptz,
    at             timestamptz      NOT NULL,
    strongest_day  date,
    strongest_acts bigint,
    strongest_bad  bigint,
    automation     text             NOT NULL,
    signal         text             NOT NULL,
    reach          text             NOT NULL,
    origin         text             NOT NULL,
    reason         text             NOT NULL,
    state          text             NOT NULL,
    because        text             NOT NULL,
    meter          bytea            NOT NULL,
    CONSTRAINT watch_pk PRIMARY KEY (automation, first_version, signal)
) WITH (fillfactor = 50);

-- What wants to be looked at in the morning: strays, or can hear nothing.
CREATE INDEX IF NOT EXISTS watch_uneasy ON watch (strength)
 WHERE state = 'amber' OR (state = 'grey' AND because = 'gap');

-- How often all of them were looked at: whoever looks holds it, and reads them anew if another looked meanwhile.
CREATE TABLE IF NOT EXISTS watch_look (
    one    smallint    NOT NULL,
    number bigint      NOT NULL,
    at     timestamptz NOT NULL,
    CONSTRAINT watch_look_pk PRIMARY KEY (one)
);

-- What signals come in by, besides sources: when it was last reached, and since when it is not.
CREATE TABLE IF NOT EXISTS feed (
    name       text        NOT NULL,
    heard_at   timestamptz,
    down_since timestamptz,
    CONSTRAINT feed_pk PRIMARY KEY (name)
);
