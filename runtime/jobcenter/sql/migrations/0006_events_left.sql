-- What could not be done at once with an event, since somebody else had a row: delivering it to a job for one of its subscriptions; or, without
-- a job, finding out whether it is kept for anybody still. Whoever has the job's row next does it, or the next look at timers. Mostly empty.
create table events_left (
    event_id bigint not null,
    job_id bigint,
    subscription_id bigint,
    since timestamptz not null default now()
);
create index events_left_job on events_left (job_id, event_id);
create index events_left_event on events_left (event_id);
