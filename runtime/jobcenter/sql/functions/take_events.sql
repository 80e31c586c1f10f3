-- Maestro: jobs begin to wait for events (an array of {job, names, forever}). Answers those for which one was kept with the oldest of them, and
-- those that nothing could ever wake, for they have subscribed to none of the names and have no timeout, with an error. Their rows are locked:
-- no event can come between the look and the wait.
create or replace function jobcenter.take_events(waits json) returns jsonb
language plpgsql
as $$
declare
    answers jsonb := '{}';
    wait record;
    kept record;
begin
    if exists (select from jobcenter.events_left l where l.job_id is not null) then
        perform jobcenter.deliver_left(array(select w.job from json_to_recordset(waits) as w (job bigint)));
    end if;
    for wait in select w.* from json_to_recordset(waits) as w (job bigint, names text[], forever boolean) loop
        if wait.forever and not exists (
            select from jobcenter.event_subscriptions s where s.job_id = wait.job and s.name = any (wait.names)
        ) then
            answers := answers || jsonb_build_object(wait.job, jobcenter.error_answer('normal', coalesce(
                'wait_for_event without a subscription "' || wait.names[1] || '"', 'wait_for_event waits for no event')));
            continue;
        end if;
        select e.subscription_id, e.event_id, s.name, q.raised, q.data into kept
        from jobcenter.event_subscriptions s
        join jobcenter.job_events e using (subscription_id)
        join jobcenter.queued_events q using (event_id)
        where s.job_id = wait.job and s.name = any (wait.names)
        order by e.event_id limit 1;
        if found then
            answers := answers || jsonb_build_object(wait.job, jsonb_build_object('event', jsonb_build_object(
                'name', kept.name, 'event_id', kept.event_id, 'when', kept.raised, 'data', kept.data)));
            delete from jobcenter.job_events e
            where e.subscription_id = kept.subscription_id and e.event_id = kept.event_id;
            perform jobcenter.drop_events(array[kept.event_id]);
        end if;
    end loop;
    return answers;
end
$$;
