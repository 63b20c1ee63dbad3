-- What the shop's files said, each time they said something new; and how often reference data changed at all,
-- so that a worker or a page knows from one row whether to read it again.

ALTER TABLE automation ADD COLUMN IF NOT EXISTS retired_at timestamptz;

ALTER TABLE automation_version ADD COLUMN IF NOT EXISTS parsed bytea NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS catalogue_version (
    version integer     NOT NULL,
    since   timestamptz NOT NULL,
    digest  text        NOT NULL,
    parsed  bytea       NOT NULL,
    CONSTRAINT catalogue_version_pk PRIMARY KEY (version)
);

CREATE TABLE IF NOT EXISTS reference (
    what    text   NOT NULL,
    changes bigint NOT NULL,
    CONSTRAINT reference_pk PRIMARY KEY (what)
);
