-- What was left for these jobs, whose rows are locked: events are kept for them, and those that wait for one get the first that there is.
-- Gives how many were woken.
create or replace function jobcenter.deliver_left(locked bigint[]) returns integer
language plpgsql set enable_seqscan = off set enable_hashjoin = off
as $$
declare
    missed bigint[];
    taken bigint[];
begin
    with due as (
        delete from jobcenter.events_left l where l.job_id = any (locked) returning l.event_id, l.subscription_id
    ), kept as (
        insert into jobcenter.job_events (subscription_id, event_id)
        select d.subscription_id, d.event_id from due d join jobcenter.event_subscriptions s using (subscription_id)
        returning subscription_id, event_id
    )
    -- Those that have been unsubscribed from meanwhile.
    select array(select d.event_id from due d left join kept k using (subscription_id, event_id) where k.event_id is null) into missed;
    with first as materialized (
        select distinct on (j.job_id) j.job_id, s.name, e.subscription_id, e.event_id, q.raised, q.data
        from jobcenter.jobs j
        join jobcenter.event_subscriptions s using (job_id)
        join jobcenter.job_events e using (subscription_id)
        join jobcenter.queued_events q using (event_id)
        where j.job_id = any (locked) and j.state = 'eventwait' and j.in_args -> 'events' ? s.name
        order by j.job_id, e.event_id, e.subscription_id
    ), given as (
        delete from jobcenter.job_events e using first f where e.subscription_id = f.subscription_id and e.event_id = f.event_id
    ), woken as (
        update jobcenter.jobs j
        set state = 'done', timeout = null, task_completed = now(),
            out_args = jsonb_build_object('event', jsonb_build_object(
                'name', f.name, 'event_id', f.event_id, 'when', f.raised, 'data', f.data))
        from first f where j.job_id = f.job_id
        returning f.event_id
    )
    select array_agg(w.event_id) into taken from woken w;
    perform jobcenter.drop_events(missed || taken);
    return coalesce(cardinality(taken), 0);
end
$$;
