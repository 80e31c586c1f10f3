-- Of these events, those that are kept for nobody any more are deleted.
create or replace function jobcenter.drop_events(events bigint[]) returns void
language sql
as $$
    delete from jobcenter.queued_events q
    where q.event_id = any (events) and not exists (select from jobcenter.job_events e where e.event_id = q.event_id);
$$;
