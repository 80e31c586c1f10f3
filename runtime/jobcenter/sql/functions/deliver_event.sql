-- An event for all subscriptions whose mask it contains: a job that waits for it just then is woken with it, for the others it is kept.
-- Gives how many subscriptions it was for.
--
-- A job's row is the one lock: who waits for an event has its row locked while it looks at what was kept, so an event comes before that
-- look or finds the job waiting. The rows are locked in order, in a statement of their own; the next one sees what they have become.
create or replace function jobcenter.deliver_event(data jsonb) returns bigint
language plpgsql set enable_seqscan = off set enable_hashjoin = off
as $$
declare
    reached bigint[];
    new_id bigint;
    woken integer;
begin
    perform from jobcenter.jobs j
    where j.job_id in (
        select s.job_id from jobcenter.event_subscriptions s
        where s.mask_key = any (jobcenter.event_keys(data)) and data @> s.mask)
    order by j.job_id for update;
    reached := array(
        select s.subscription_id from jobcenter.event_subscriptions s
        where s.mask_key = any (jobcenter.event_keys(data)) and data @> s.mask);
    if cardinality(reached) = 0 then
        return 0;
    end if;
    insert into jobcenter.queued_events (data) values (deliver_event.data) returning event_id into new_id;
    with waiting as materialized (
        select distinct on (j.job_id) j.job_id, s.subscription_id, s.name
        from jobcenter.event_subscriptions s join jobcenter.jobs j on j.job_id = s.job_id
        where s.subscription_id = any (reached) and j.state = 'eventwait' and j.in_args -> 'events' ? s.name
        order by j.job_id, s.subscription_id
    ), kept as (
        insert into jobcenter.job_events (subscription_id, event_id)
        select r.subscription_id, new_id from unnest(reached) r (subscription_id)
        where not exists (select from waiting w where w.subscription_id = r.subscription_id)
    )
    update jobcenter.jobs j
    set state = 'done', timeout = null, task_completed = now(),
        out_args = jsonb_build_object('event', jsonb_build_object(
            'name', w.name, 'event_id', new_id, 'when', now(), 'data', deliver_event.data))
    from waiting w where j.job_id = w.job_id;
    get diagnostics woken = row_count;
    if woken = cardinality(reached) then
        delete from jobcenter.queued_events q where q.event_id = new_id;
    end if;
    if woken > 0 then
        perform pg_notify('jobtaskdone', '');
    end if;
    return cardinality(reached);
end
$$;
