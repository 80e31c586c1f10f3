-- Maestro: the time of these jobs, whose rows are locked, has come. One that is getting its lock at this very moment is left as it is.
create or replace function jobcenter.wake_jobs(ripe bigint[]) returns void
language plpgsql
as $$
declare
    late bigint[];
    ready bigint[];
    queues integer[];
    parents bigint[];
begin
    ripe := jobcenter.leave_queues(ripe);
    select array_agg(job_id) filter (where state = 'working'),
           array_agg(job_id) filter (where state = 'retrywait'), array_agg(queue_id) filter (where state = 'retrywait'),
           -- Also of those that have been ended by force since.
           array_agg(job_id) filter (where state in ('childwait', 'done', 'plotting', 'zombie', 'finished', 'error'))
    into late, ready, queues, parents
    from jobs where job_id = any (ripe);
    if late is not null then
        perform jobcenter.fail_tasks(late, '{"class": "timeout", "msg": "the worker did not answer in time"}');
    end if;
    if parents is not null then
        update jobs set timeout = null where job_id = any (parents);
        perform jobcenter.abort_children(parents, again => true);
    end if;
    update jobs set
        state = case state when 'retrywait' then 'ready' else 'done' end::job_state,
        timeout = null,
        task_completed = case state when 'retrywait' then null else now() end,
        out_args = case state
            when 'retrywait' then out_args -- the last error
            when 'sleeping' then '{}'
            when 'eventwait' then jsonb_build_object('event', jsonb_build_object('name', 'timeout', 'when', now()))
            when 'lockwait' then jsonb_build_object('error', jsonb_build_object('class', 'lock', 'msg', format(
                'lock %s %s was not free in time', in_args ->> 'type', in_args ->> 'value')))
            end
    where job_id = any (ripe) and state in ('sleeping', 'eventwait', 'lockwait', 'retrywait');
    if ready is not null then
        perform jobcenter.notify_ready(ready, queues);
    end if;
end
$$;
