-- Of these events, those that are kept for nobody, and left for nobody, are deleted. One that somebody else has locked is left alone.
create or replace function jobcenter.drop_unkept(events bigint[]) returns void
language sql
as $$
    delete from jobcenter.queued_events q
    where q.event_id in (
        select u.event_id from jobcenter.queued_events u
        where u.event_id = any (events)
          and not exists (select from jobcenter.job_events e where e.event_id = u.event_id)
          and not exists (select from jobcenter.events_left l where l.event_id = u.event_id and l.job_id is not null)
        for update skip locked);
$$;
