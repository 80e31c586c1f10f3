-- An event for all subscriptions whose mask it contains: a job that waits for it just then is woken with it, for the others it is kept.
-- Gives how many subscriptions it was for.
--
-- A job's row is the one lock: who waits for an event has its row locked while it looks at what was kept, so an event comes before that
-- look or finds the job waiting. Nobody waits for such a lock here: a Maestro has the rows of its batch, and two of them would wait for each
-- other. A job whose row somebody else has gets the event a moment later (`events_left`); so does one for whose row Maestros wait.
create or replace function jobcenter.deliver_event(data jsonb) returns bigint
-- Plans are kept: to the planner, one for the very keys of an event always seems better, and it would be made anew for each. So they must be right
-- for tables of any size: each part finds what it needs in an index, whatever seems good while there is little (hence `lateral`, `offset 0`).
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
declare
    keys bigint[] := jobcenter.event_keys(data);
    free bigint[] := array(
        select s.subscription_id
        from jobcenter.event_subscriptions s, lateral (
            select from jobcenter.jobs j
            where j.job_id = s.job_id and j.state not in ('childwait', 'lockwait') for update skip locked) j
        where s.mask_key = any (keys) and deliver_event.data @> s.mask);
    -- In a statement of its own, which sees what the locked rows have become.
    reached bigint[] := array(
        select s.subscription_id from jobcenter.event_subscriptions s
        where s.mask_key = any (keys) and deliver_event.data @> s.mask);
    later bigint[] := '{}';
    new_id bigint;
    woken integer;
    noted integer := 0;
begin
    if cardinality(reached) = 0 then
        return 0;
    end if;
    if free <> reached then
        later := array(select unnest(reached) except select unnest(free));
        free := array(select unnest(reached) intersect select unnest(free));
    end if;
    if exists (select from jobcenter.events_left l where l.job_id is not null) then
        perform jobcenter.deliver_left(array(
            select distinct s.job_id from jobcenter.event_subscriptions s where s.subscription_id = any (free)));
    end if;
    insert into jobcenter.queued_events (data) values (deliver_event.data) returning event_id into new_id;
    with waiting as materialized (
        select distinct on (s.job_id) s.job_id, s.subscription_id, s.name
        from unnest(free) f (subscription_id), lateral (
            select * from jobcenter.event_subscriptions s where s.subscription_id = f.subscription_id offset 0) s
        where (select j.state = 'eventwait' and j.in_args -> 'events' ? s.name from jobcenter.jobs j where j.job_id = s.job_id)
        order by s.job_id, s.subscription_id
    ), kept as (
        insert into jobcenter.job_events (subscription_id, event_id)
        select k.subscription_id, new_id
        from (select unnest(free) except select w.subscription_id from waiting w) k (subscription_id)
    )
    update jobcenter.jobs j
    set state = 'done', timeout = null, task_completed = now(),
        out_args = jsonb_build_object('event', jsonb_build_object(
            'name', w.name, 'event_id', new_id, 'when', now(), 'data', deliver_event.data))
    from waiting w where j.job_id = w.job_id;
    get diagnostics woken = row_count;
    if cardinality(later) > 0 then
        insert into jobcenter.events_left (event_id, job_id, subscription_id)
        select new_id, s.job_id, s.subscription_id from jobcenter.event_subscriptions s where s.subscription_id = any (later);
        get diagnostics noted = row_count;
        perform pg_notify('eventsleft', '');
    end if;
    -- Those for whom it was to be left may have unsubscribed since the look at them.
    if noted = 0 and woken = cardinality(free) then
        delete from jobcenter.queued_events q where q.event_id = new_id;
    end if;
    -- Also where a job could go on before: a Maestro that looks for jobs meanwhile passes it over.
    if woken > 0 or exists (
        select from unnest(free) f (subscription_id),
        lateral (select s.job_id from jobcenter.event_subscriptions s where s.subscription_id = f.subscription_id offset 0) s,
        lateral (select from jobcenter.jobs j where j.job_id = s.job_id and j.state::text in ('done', 'plotting') offset 0) j
    ) then
        perform pg_notify('jobtaskdone', '');
    end if;
    return cardinality(reached);
end
$$;
