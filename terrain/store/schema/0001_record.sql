-- The record. Every hot table leads with its bucket (scale.md R1); keys are made by the application (R2);
-- foreign keys only inside one customer (R7); each statement stands alone and can be run again (R21).

-- A node of the identity graph: each identifier is a node of its own, so that the record does not depend on
-- the order in which events arrive and a merge can be undone. A person is a survivor and its aliases.
CREATE TABLE IF NOT EXISTS customer (
    bucket          smallint    NOT NULL,
    survivor_bucket smallint    NOT NULL,
    customer_id     bigint      NOT NULL,
    survivor_id     bigint      NOT NULL,
    seq             bigint      NOT NULL DEFAULT 0,
    kind            text        NOT NULL,
    value           text        NOT NULL,
    CONSTRAINT customer_pk PRIMARY KEY (bucket, customer_id)
) WITH (fillfactor = 80);

-- The only uniqueness across customers (R4): its bucket is the hash of kind and value. Never re-pointed.
CREATE TABLE IF NOT EXISTS identifier (
    bucket      smallint NOT NULL,
    kind        text     NOT NULL,
    value       text     NOT NULL,
    customer_id bigint   NOT NULL,
    CONSTRAINT identifier_pk PRIMARY KEY (bucket, kind, value)
);

-- The aliases of a survivor, under the survivor's key, so that a person is read without asking other shards.
CREATE TABLE IF NOT EXISTS alias (
    bucket       smallint    NOT NULL,
    alias_bucket smallint    NOT NULL,
    customer_id  bigint      NOT NULL,
    alias_id     bigint      NOT NULL,
    kind         text        NOT NULL,
    value        text        NOT NULL,
    since        timestamptz NOT NULL,
    CONSTRAINT alias_pk PRIMARY KEY (bucket, customer_id, alias_id)
);

-- Who said that two nodes are one person. Kept from both ends; 'refused' and 'cut' edges are kept too.
CREATE TABLE IF NOT EXISTS identity_edge (
    bucket       smallint    NOT NULL,
    other_bucket smallint    NOT NULL,
    customer_id  bigint      NOT NULL,
    other_id     bigint      NOT NULL,
    at           timestamptz NOT NULL,
    message_id   text        NOT NULL,
    source       text        NOT NULL,
    standing     text        NOT NULL,
    because      text        NOT NULL DEFAULT '',
    CONSTRAINT identity_edge_pk PRIMARY KEY (bucket, customer_id, other_id)
);

-- The few pairs that a person has parted; asked for before any two nodes are joined.
CREATE INDEX IF NOT EXISTS identity_cut ON identity_edge (bucket, customer_id) WHERE standing = 'cut';

-- What happened, written once by the door under its node and never changed (R5). event_id is its place in the
-- line of those that wait, by time of arrival; its name is the message's. The payload stays the bytes
-- that came: nothing in it can make an insert fail, and nobody pays for decoding before it is needed.
CREATE TABLE IF NOT EXISTS event (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    event_id    bigint      NOT NULL,
    at          timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    message_id  text        NOT NULL,
    name        text        NOT NULL,
    source      text        NOT NULL,
    payload     bytea       NOT NULL,
    CONSTRAINT event_pk PRIMARY KEY (bucket, customer_id, message_id)
);

-- Which events still have to be handled: a pointer without content, written with the event and deleted in the
-- transaction that handles it. No cursor is kept, so a row committed late can never be missed.
CREATE TABLE IF NOT EXISTS pending (
    bucket      smallint NOT NULL,
    customer_id bigint   NOT NULL,
    event_id    bigint   NOT NULL,
    message_id  text     NOT NULL,
    CONSTRAINT pending_pk PRIMARY KEY (bucket, event_id, customer_id, message_id)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000);

-- One value of one fact as one source says it, from `first_at` to `at`; value_key is the hash of the value, by
-- which equal ones are found. Whether it still stands is read from the evidence, never written here.
CREATE TABLE IF NOT EXISTS claim (
    bucket      smallint    NOT NULL,
    assumed     boolean     NOT NULL DEFAULT false,
    kind        text        NOT NULL,
    customer_id bigint      NOT NULL,
    value_key   bigint      NOT NULL,
    first_at    timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    confidence  double precision,
    fact        text        NOT NULL,
    about       text        NOT NULL DEFAULT '',
    source      text        NOT NULL,
    message_id  text        NOT NULL,
    value       jsonb       NOT NULL,
    CONSTRAINT claim_pk PRIMARY KEY (bucket, customer_id, fact, about, source, value_key)
) WITH (fillfactor = 85);

-- What came back that speaks for or against a value, whoever claimed it. Rows are only ever added.
CREATE TABLE IF NOT EXISTS evidence (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    value_key   bigint      NOT NULL,
    at          timestamptz NOT NULL,
    fact        text        NOT NULL,
    about       text        NOT NULL DEFAULT '',
    kind        text        NOT NULL,
    message_id  text        NOT NULL,
    value       jsonb       NOT NULL,
    CONSTRAINT evidence_pk PRIMARY KEY (bucket, customer_id, fact, about, value_key, message_id, kind)
);

-- Yes and no, with the proof the law asks for (FR-EP-5). Rows are only ever added.
CREATE TABLE IF NOT EXISTS consent (
    bucket      smallint    NOT NULL,
    given       boolean     NOT NULL,
    assumed     boolean     NOT NULL DEFAULT false,
    customer_id bigint      NOT NULL,
    at          timestamptz NOT NULL,
    purpose     text        NOT NULL,
    channel     text        NOT NULL,
    message_id  text        NOT NULL,
    source      text        NOT NULL,
    proof       jsonb       NOT NULL,
    CONSTRAINT consent_pk PRIMARY KEY (bucket, customer_id, message_id, purpose, channel)
);

-- Addresses that must not be used, as keyed hashes only (FR-SUPP); its bucket is the hash of the fingerprint.
CREATE TABLE IF NOT EXISTS suppression (
    bucket      smallint    NOT NULL,
    since       timestamptz NOT NULL,
    fingerprint bytea       NOT NULL,
    scope       text        NOT NULL,
    because     text        NOT NULL,
    CONSTRAINT suppression_pk PRIMARY KEY (bucket, fingerprint, scope)
);

-- Who will be erased, and until when it can be taken back. The row goes with the customer.
CREATE TABLE IF NOT EXISTS erasure (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    erasure_id  bigint      NOT NULL,
    rows        bigint      NOT NULL DEFAULT 0,
    asked_at    timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    begun_at    timestamptz,
    asked_by    text        NOT NULL,
    CONSTRAINT erasure_pk PRIMARY KEY (bucket, customer_id)
);

CREATE INDEX IF NOT EXISTS erasure_due ON erasure (bucket, due_at);

-- What is kept of those who were erased: a keyed hash of each of their names, so that nothing older than the
-- erasure brings them back; its bucket is the hash of the fingerprint.
CREATE TABLE IF NOT EXISTS erased (
    bucket      smallint    NOT NULL,
    erasure_id  bigint      NOT NULL,
    rows        bigint      NOT NULL,
    at          timestamptz NOT NULL,
    fingerprint bytea       NOT NULL,
    CONSTRAINT erased_pk PRIMARY KEY (bucket, fingerprint)
);

CREATE INDEX IF NOT EXISTS erased_when ON erased (at, erasure_id);

-- Who is where in which version of an automation. A sleeper is a row with a due date, and costs nothing else.
CREATE TABLE IF NOT EXISTS run (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    run_id      bigint      NOT NULL,
    version     integer     NOT NULL,
    started_at  timestamptz NOT NULL,
    due_at      timestamptz,
    ended_at    timestamptz,
    state       text        NOT NULL,
    automation  text        NOT NULL,
    subject     text        NOT NULL,
    step        text        NOT NULL,
    place       bytea       NOT NULL,
    CONSTRAINT run_pk PRIMARY KEY (bucket, customer_id, run_id)
) WITH (fillfactor = 80);

-- Nothing starts twice: one live run per automation, customer and subject.
CREATE UNIQUE INDEX IF NOT EXISTS run_live ON run (bucket, customer_id, automation, subject) WHERE ended_at IS NULL;

-- Due runs are found here, one million sleepers or ten.
CREATE INDEX IF NOT EXISTS run_due ON run (bucket, due_at) WHERE due_at IS NOT NULL;

-- Who stands where, for the picture of an automation: counted up to a limit, so it costs the same for any number.
CREATE INDEX IF NOT EXISTS run_standing ON run (automation, version, step, state) WHERE ended_at IS NULL;

-- What was decided, whether or not it was done: columns to count and list by, and the whole as it was made.
CREATE TABLE IF NOT EXISTS decision (
    bucket      smallint    NOT NULL,
    close_call  boolean     NOT NULL DEFAULT false,
    version     integer     NOT NULL,
    customer_id bigint      NOT NULL,
    decision_id bigint      NOT NULL,
    run_id      bigint      NOT NULL,
    seq         bigint      NOT NULL DEFAULT 0,
    at          timestamptz NOT NULL,
    certainty   real,
    needs       real,
    verdict     text        NOT NULL,
    because     text        NOT NULL,
    automation  text        NOT NULL,
    step        text        NOT NULL,
    explanation bytea       NOT NULL,
    CONSTRAINT decision_pk PRIMARY KEY (bucket, customer_id, decision_id)
);

-- The latest decisions, whichever are asked for: of one automation or all, of one verdict or all.
CREATE INDEX IF NOT EXISTS decision_latest ON decision (automation, verdict, at, decision_id);

-- The few that were close, which people look through.
CREATE INDEX IF NOT EXISTS decision_close ON decision (automation, verdict, at, decision_id) WHERE close_call;

-- What was left out to compare with: what comes back from a customer all the same is looked up by whose it is.
CREATE INDEX IF NOT EXISTS decision_held_out ON decision (bucket, customer_id, decision_id)
 WHERE because = 'held_out';

-- The latest of these of one automation.
CREATE INDEX IF NOT EXISTS decision_held_out_latest ON decision (automation, at, decision_id)
 WHERE because = 'held_out';

-- The outbox. A sender takes a queued act by marking it 'leaving'; 'left', 'failed', 'stopped' and 'unknown'
-- end it. An act found 'leaving' after a crash is the only one of which nobody knows whether it happened.
CREATE TABLE IF NOT EXISTS act (
    bucket      smallint    NOT NULL,
    tries       smallint    NOT NULL DEFAULT 0,
    solicited   boolean     NOT NULL DEFAULT false,
    surveys     boolean     NOT NULL DEFAULT false,
    lane        smallint    NOT NULL,
    version     integer     NOT NULL,
    customer_id bigint      NOT NULL,
    act_id      bigint      NOT NULL,
    decision_id bigint      NOT NULL,
    run_id      bigint      NOT NULL,
    decided_at  timestamptz NOT NULL,
    due_at      timestamptz,
    expires_at  timestamptz,
    lease_until timestamptz,
    left_at     timestamptz,
    state       text        NOT NULL,
    kind        text        NOT NULL,
    channel     text        NOT NULL,
    purpose     text        NOT NULL,
    reach       text        NOT NULL,
    automation  text        NOT NULL,
    name        text        NOT NULL,
    step        text        NOT NULL,
    recipient   text        NOT NULL,
    because     text        NOT NULL DEFAULT '',
    content     bytea       NOT NULL,
    CONSTRAINT act_pk PRIMARY KEY (bucket, customer_id, act_id)
) WITH (fillfactor = 80);

-- due_at is emptied when an act ends, so this index holds only what still has to leave.
CREATE INDEX IF NOT EXISTS act_due ON act (bucket, lane, due_at) WHERE due_at IS NOT NULL;

-- What was asked of a customer, and what they answered.
CREATE TABLE IF NOT EXISTS question (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    question_id bigint      NOT NULL,
    run_id      bigint      NOT NULL,
    decision_id bigint      NOT NULL,
    asked_at    timestamptz NOT NULL,
    deadline    timestamptz,
    answered_at timestamptz,
    fact        text        NOT NULL,
    about       text        NOT NULL DEFAULT '',
    automation  text        NOT NULL,
    no_answer   text        NOT NULL,
    answers     jsonb       NOT NULL,
    words       jsonb       NOT NULL,
    answer      jsonb,
    CONSTRAINT question_pk PRIMARY KEY (bucket, customer_id, question_id)
);

-- What a person has to do, with the file that tells them everything they need.
CREATE TABLE IF NOT EXISTS task (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    task_id     bigint      NOT NULL,
    run_id      bigint      NOT NULL,
    decision_id bigint      NOT NULL,
    act_id      bigint      NOT NULL,
    opened_at   timestamptz NOT NULL,
    due_at      timestamptz,
    done_at     timestamptz,
    kind        text        NOT NULL,
    title       text        NOT NULL,
    automation  text        NOT NULL,
    taken_by    text        NOT NULL DEFAULT '',
    done_by     text        NOT NULL DEFAULT '',
    outcome     text        NOT NULL DEFAULT '',
    file        jsonb       NOT NULL,
    CONSTRAINT task_pk PRIMARY KEY (bucket, customer_id, task_id)
);

-- People see them over all customers: the open ones by age, and one by its number.
CREATE INDEX IF NOT EXISTS task_open ON task (opened_at, task_id) WHERE done_at IS NULL;

CREATE INDEX IF NOT EXISTS task_late ON task (due_at) WHERE done_at IS NULL AND due_at IS NOT NULL;

CREATE INDEX IF NOT EXISTS task_taken ON task (taken_by, opened_at, task_id) WHERE done_at IS NULL AND taken_by <> '';

CREATE INDEX IF NOT EXISTS task_done ON task (done_at, task_id) WHERE done_at IS NOT NULL;

CREATE INDEX IF NOT EXISTS task_number ON task (task_id);

-- "This is wrong", with the case it is about. `puller` tells one person from another about one automation and
-- about no other (core/flag.py): nobody is counted by it over what they said, and it leads to no name.
CREATE TABLE IF NOT EXISTS flag (
    bucket      smallint    NOT NULL,
    version     integer     NOT NULL,
    customer_id bigint      NOT NULL,
    flag_id     bigint      NOT NULL,
    act_id      bigint      NOT NULL,
    decision_id bigint      NOT NULL,
    at          timestamptz NOT NULL,
    answered_at timestamptz,
    automation  text        NOT NULL,
    reason      text        NOT NULL,
    words       text        NOT NULL,
    message_id  text        NOT NULL,
    puller      text        NOT NULL,
    answered_by text        NOT NULL DEFAULT '',
    answer      text        NOT NULL DEFAULT '',
    goes_on     boolean     NOT NULL DEFAULT false,
    CONSTRAINT flag_pk PRIMARY KEY (bucket, customer_id, flag_id)
);

-- People see them over all customers: those of an automation, those of late, those without an answer, one by its
-- number, and whoever pulled finds the answer by their own fingerprint.
CREATE INDEX IF NOT EXISTS flag_of ON flag (automation, at, flag_id);

CREATE INDEX IF NOT EXISTS flag_open ON flag (at, flag_id) WHERE answered_at IS NULL;

CREATE INDEX IF NOT EXISTS flag_answered ON flag (answered_at, flag_id) WHERE answered_at IS NOT NULL;

CREATE INDEX IF NOT EXISTS flag_when ON flag (at);

CREATE INDEX IF NOT EXISTS flag_number ON flag (flag_id);

CREATE INDEX IF NOT EXISTS flag_puller ON flag (puller, at);

-- A need that nothing serves, in the words of whoever saw it; those alike share a group (core/need.py). 0: none
-- yet. `by_hand`: a person put it there, and no likeness takes it away again.
CREATE TABLE IF NOT EXISTS need (
    bucket      smallint    NOT NULL,
    by_hand     boolean     NOT NULL DEFAULT false,
    customer_id bigint      NOT NULL,
    need_id     bigint      NOT NULL,
    group_id    bigint      NOT NULL DEFAULT 0,
    act_id      bigint      NOT NULL,
    decision_id bigint      NOT NULL,
    at          timestamptz NOT NULL,
    automation  text        NOT NULL,
    words       text        NOT NULL,
    CONSTRAINT need_pk PRIMARY KEY (bucket, customer_id, need_id)
);

CREATE INDEX IF NOT EXISTS need_group ON need (group_id, at, need_id);

CREATE INDEX IF NOT EXISTS need_when ON need (at, need_id);

CREATE INDEX IF NOT EXISTS need_number ON need (need_id);

-- One person whom a recall is about: what was done to them, what was stopped, how the remedy fared. due_at is
-- when it is looked at next: to make good, then to see whether it arrived and was answered.
CREATE TABLE IF NOT EXISTS recalled (
    bucket      smallint    NOT NULL,
    done        integer     NOT NULL DEFAULT 0,
    stopped     integer     NOT NULL DEFAULT 0,
    customer_id bigint      NOT NULL,
    recall_id   bigint      NOT NULL,
    act_id      bigint      NOT NULL DEFAULT 0,
    decision_id bigint      NOT NULL DEFAULT 0,
    task_id     bigint      NOT NULL DEFAULT 0,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    due_at      timestamptz,
    made_at     timestamptz,
    reached_at  timestamptz,
    answered_at timestamptz,
    state       text        NOT NULL,
    because     text        NOT NULL DEFAULT '',
    answered_by text        NOT NULL DEFAULT '',
    acts        jsonb       NOT NULL,
    CONSTRAINT recalled_pk PRIMARY KEY (bucket, customer_id, recall_id)
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS recalled_due ON recalled (bucket, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX IF NOT EXISTS recalled_of ON recalled (recall_id, bucket, customer_id);

CREATE INDEX IF NOT EXISTS recalled_standing ON recalled (recall_id, state, bucket, customer_id);

CREATE INDEX IF NOT EXISTS recalled_answered ON recalled (recall_id, bucket, customer_id) WHERE answered_at IS NOT NULL;

-- What was done, in numbers (R10): whoever does it adds it in the same transaction (`store/counters.py`). Old
-- hours are folded into days and months of the same form, so n over any whole days stays what it was.
CREATE TABLE IF NOT EXISTS counter (
    bucket     smallint    NOT NULL,
    version    integer     NOT NULL,
    hour       timestamptz NOT NULL,
    n          bigint      NOT NULL,
    automation text        NOT NULL,
    what       text        NOT NULL,
    CONSTRAINT counter_pk PRIMARY KEY (bucket, automation, version, what, hour)
) WITH (fillfactor = 70);

-- Reports read all buckets since a moment; n is not in it, so counting on writes no index.
CREATE INDEX IF NOT EXISTS counter_since ON counter (hour, automation);

CREATE INDEX IF NOT EXISTS counter_of ON counter (what, hour);

-- One automation's days: its meters, and the pictures of them.
CREATE INDEX IF NOT EXISTS counter_by ON counter (automation, hour);

-- Where people are found by name: one line a person, under the survivor. `keys` are numbers made of folded
-- words (core/directory.py), so that a slip of the pen still meets the word that was meant.
CREATE TABLE IF NOT EXISTS directory (
    bucket      smallint  NOT NULL,
    customer_id bigint    NOT NULL,
    called      text      NOT NULL,
    names       text[]    NOT NULL,
    keys        integer[] NOT NULL,
    CONSTRAINT directory_pk PRIMARY KEY (bucket, customer_id)
);

-- What was added lately waits in a short list: each search reads all of it.
CREATE INDEX IF NOT EXISTS directory_keys ON directory USING gin (keys) WITH (gin_pending_list_limit = 512);

-- Whose an order is, under the node that its event is kept under: `number` is made of the order's own.
CREATE TABLE IF NOT EXISTS directory_order (
    bucket      smallint NOT NULL,
    customer_id bigint   NOT NULL,
    number      bigint   NOT NULL,
    CONSTRAINT directory_order_pk PRIMARY KEY (bucket, number, customer_id)
);

-- What came back about an act, at most once of each kind: the cases behind the numbers. `hour` is that of the
-- act, under which it was counted; what came when its cohort was closed is kept and not `counted`. A run that
-- failed, got stuck or was not in time stands here by its own number, in the place of an act's; so does the
-- decision to leave an act out, of a customer who is `held_out` and whom something came back from all the same.
CREATE TABLE IF NOT EXISTS signal (
    bucket      smallint    NOT NULL,
    counted     boolean     NOT NULL,
    invited     boolean     NOT NULL,
    version     integer     NOT NULL,
    customer_id bigint      NOT NULL,
    act_id      bigint      NOT NULL,
    hour        timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    learned_at  timestamptz NOT NULL,
    kind        text        NOT NULL,
    automation  text        NOT NULL,
    source      text        NOT NULL,
    message_id  text        NOT NULL,
    held_out    boolean     NOT NULL DEFAULT false,
    CONSTRAINT signal_pk PRIMARY KEY (bucket, customer_id, act_id, kind)
);

-- The latest cases of one kind, for the people who watch an automation.
CREATE INDEX IF NOT EXISTS signal_latest ON signal (automation, kind, at, act_id);

-- What no act is known to have caused. One that names an act or a decision is looked at again, more and more
-- seldom: the act may still become known.
CREATE TABLE IF NOT EXISTS loose_signal (
    bucket      smallint    NOT NULL,
    customer_id bigint      NOT NULL,
    act_id      bigint      NOT NULL DEFAULT 0,
    decision_id bigint      NOT NULL DEFAULT 0,
    at          timestamptz NOT NULL,
    learned_at  timestamptz NOT NULL,
    again_at    timestamptz,
    invited     boolean,
    kind        text        NOT NULL,
    source      text        NOT NULL,
    message_id  text        NOT NULL,
    CONSTRAINT loose_signal_pk PRIMARY KEY (bucket, customer_id, message_id, kind)
);

CREATE INDEX IF NOT EXISTS loose_signal_again ON loose_signal (bucket, again_at) WHERE again_at IS NOT NULL;

-- A need that people, a form or a phone menu served (core/served.py): told once it is over, added to when she comes back.
CREATE TABLE IF NOT EXISTS served (
    bucket        smallint    NOT NULL,
    again         integer     NOT NULL DEFAULT 0,
    customer_id   bigint      NOT NULL,
    served_id     bigint      NOT NULL,
    at            timestamptz NOT NULL,
    complained_at timestamptz,
    made_good_at  timestamptz,
    process       text        NOT NULL,
    need          text        NOT NULL,
    told          bytea       NOT NULL,
    CONSTRAINT served_pk PRIMARY KEY (bucket, customer_id, process, need)
);

CREATE INDEX IF NOT EXISTS served_of ON served (process, at, served_id);
