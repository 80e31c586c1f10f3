-- What jobs wait for besides workers and children (locks, events), the keys of idempotent creation, and what an installation sets.

-- Settings of the runtime, one row each, changed by `update`; `setting(name)` reads one.
create table settings (name text primary key, value text not null, doc text not null);
insert into settings (name, value, doc) values
    ('worker_timeout', '2 minutes', 'a worker that has not pinged for so long is disconnected'),
    ('lost_worker_tries', '3', 'attempts in all for a task whose worker is lost, where its action has no retry policy'),
    ('lost_worker_interval', '1 second', 'the wait between them, times the square root of their number'),
    ('archive_after', '1 minute', 'an ended job stays in jobs for so long before it moves to jobs_archive'),
    ('retention', '90 days', 'archived jobs and the step log are kept for so long');

-- Values in the environment of every job; a job's own and its workflow's `wfenv` go before them.
create table jc_env (name text primary key, value jsonb not null);

-- create_job with a key: the same key gives the same job, also when the job is archived, and for a later version of the workflow.
create table job_keys (
    queue_id integer not null references actions,
    key text not null,
    job_id bigint not null,
    created timestamptz not null default now(),
    primary key (queue_id, key)
);
create index job_keys_created on job_keys (created);

-- Locks. A lock's holder is its row of the greatest `depth`: depth 0 took it, the ones above are children to which it was lent (the job
-- below is waiting for them). A job's rows go when it ends. One row in lock_waits for each job in state lockwait; the turn is by `position`.
create table locktypes (locktype text primary key);
create table locks (
    locktype text not null references locktypes,
    lockvalue text not null,
    depth smallint not null default 0,
    job_id bigint not null,
    inheritable boolean not null default false,
    taken timestamptz not null default now(),
    primary key (locktype, lockvalue, depth)
);
create index locks_job on locks (job_id);
create table lock_waits (
    job_id bigint primary key,
    position bigint generated always as identity,
    locktype text not null references locktypes,
    lockvalue text not null,
    inheritable boolean not null default false,
    since timestamptz not null default now()
);
create index lock_waits_turn on lock_waits (locktype, lockvalue, position);

-- Events. `mask_key` is one of the keys (see event_keys) of the mask, the one that fewest subscriptions had: an event finds its
-- subscriptions by its own keys. An event for a job that does not wait just then is kept: once in queued_events, and a row in
-- job_events for each subscription that it is for. A job waits where it is in state eventwait and `in_args -> 'events'` has the name.
create table event_subscriptions (
    subscription_id bigint generated always as identity primary key,
    job_id bigint not null,
    name text not null,
    mask jsonb not null,
    mask_key bigint not null,
    unique (job_id, name)
);
create index event_subscriptions_key on event_subscriptions (mask_key);
create table queued_events (
    event_id bigint generated always as identity primary key,
    raised timestamptz not null default now(),
    data jsonb not null
);
create table job_events (
    subscription_id bigint not null references event_subscriptions on delete cascade,
    event_id bigint not null references queued_events on delete cascade,
    primary key (subscription_id, event_id)
);
create index job_events_event on job_events (event_id);

-- Ended jobs, counted by the hour when they are archived.
create table call_stats (
    hour timestamptz not null,
    workflow_id integer not null references actions on delete cascade,
    finished bigint not null default 0,
    failed bigint not null default 0,
    seconds double precision not null default 0,
    primary key (hour, workflow_id)
);
