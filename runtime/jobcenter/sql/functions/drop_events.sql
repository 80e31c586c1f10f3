-- Of these events, those that are kept for nobody any more are deleted. The others are looked at once more when this has been committed: of two
-- who drop an event for two jobs at the same time, neither sees that the other one does.
create or replace function jobcenter.drop_events(events bigint[]) returns void
language sql
as $$
    select jobcenter.drop_unkept(events);
    insert into jobcenter.events_left (event_id)
    select distinct q.event_id from jobcenter.queued_events q where q.event_id = any (events);
$$;
