-- Up to `n` tasks for a worker, the oldest jobs first; of one job only, where `only_job` says so. Otherwise as get_task. `unwaited`: do not wait until this
-- transaction is on disk, for a caller that has done nothing else in it. Should the server crash before it is, the tasks have not been handed out:
-- they will be, once more, and the answer to the first time is late. So it does not count for an action that says `retryable: false`.
--
-- A task goes by the version of the action that its workflow was bound to. One that has lost its workers, and would fail if it lost one more, is
-- handed out `alone`: a worker has one such task at a time. It may be what kills them, or may only have been with it.
create or replace function jobcenter.get_tasks(
    worker text, action text, n integer, unwaited boolean default false, only_job bigint default null)
returns table (o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
    me record := jobcenter.registered_worker(worker, null);
    served jobcenter.actions := jobcenter.served_action(action, me.rolename);
    queue record;
    alone bigint[] := '{}';
    first_job bigint := coalesce(only_job, 0);
    last_job bigint := coalesce(only_job, 9223372036854775807);
begin
    if n is null or n < 0 then
        raise exception 'the number of tasks is % (should be 0 or more)', coalesce(n::text, 'null') using errcode = 'JC004';
    end if;
    select coalesce(bool_or(a.disabled), false) as some_disabled, bool_and(a.disabled) as all_disabled,
           bool_or(a.config ? 'timeout') as timed, bool_and((a.config ->> 'retryable')::boolean) as retryable,
           -- A JSON null: all tasks; none: it has announced nothing.
           (select coalesce(w.filter, 'null') from jobcenter.worker_actions w where w.worker_id = me.worker_id and w.queue_id = served.queue_id) as filter,
           exists (select from jobcenter.jobs j where j.state = 'ready' and j.queue_id = served.queue_id and j.out_args is not null) as some_retried
    into queue from jobcenter.actions a where a.queue_id = served.queue_id;
    if queue.filter is null and served.config ? 'filter' and not served.config -> 'filter' ? '_*_' then
        raise exception 'a filter is required for action %', action using errcode = 'JC004';
    end if;
    if queue.all_disabled then
        return;
    end if;
    queue.filter := nullif(queue.filter, 'null');
    if n > 0 and queue.some_retried then
        alone := array(
            select j.job_id from jobcenter.jobs j
            where j.state = 'ready' and (j.queue_id, j.job_id) >= (served.queue_id, first_job) and (j.queue_id, j.job_id) <= (served.queue_id, last_job)
              and j.out_args is not null and j.out_args -> 'error' ? 'alone'
              and (queue.filter is null or jobcenter.passes_filter(j.in_args, queue.filter))
              and not (queue.some_disabled and jobcenter.calls_disabled(j.workflow_id, j.queue_id))
              and not exists (select from jobcenter.jobs h
                              where h.state = 'working' and h.worker_id = me.worker_id and h.out_args -> 'error' ? 'alone')
            order by j.queue_id, j.job_id limit 1
            for update skip locked);
    end if;
    return query
    with taken as (
        update jobcenter.jobs j
        set state = 'working', cookie = jobcenter.new_cookie(j.job_id), worker_id = me.worker_id, task_started = now(),
            timeout = case when queue.timed then
                now() + (select jobcenter.seconds_or_interval(a.config ->> 'timeout')
                         from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id
                         where c.workflow_id = j.workflow_id and c.queue_id = served.queue_id) end
        -- Queue and job are compared, and put in order, together: so no plan that is kept goes through all jobs by their numbers, for a queue
        -- in which there are few.
        where j.job_id = any (alone || array(
            select r.job_id from jobcenter.jobs r
            where r.state = 'ready' and (r.queue_id, r.job_id) >= (served.queue_id, first_job) and (r.queue_id, r.job_id) <= (served.queue_id, last_job)
              and not coalesce(r.out_args -> 'error' ? 'alone', false)
              and (queue.filter is null or jobcenter.passes_filter(r.in_args, queue.filter))
              and not (queue.some_disabled and jobcenter.calls_disabled(r.workflow_id, r.queue_id))
            order by r.queue_id, r.job_id limit n - cardinality(alone)
            for update skip locked))
        returning j.job_id, j.cookie, j.in_args, j.environment, j.workflow_id, j.task_id, j.tries,
                  (select a.signature -> 'environment' from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id
                   where c.workflow_id = j.workflow_id and c.queue_id = served.queue_id) as declared
    )
    select t.job_id, t.cookie::text, coalesce(t.in_args, '{}'),
           case when t.declared is not null then jobcenter.worker_environment(t.declared, t.environment,
               jsonb_build_object('job_id', t.job_id, 'workflow_id', t.workflow_id, 'task_id', t.task_id, 'tries', t.tries)) end
    from taken t order by t.job_id;
    if not found then
        return;
    end if;
    if queue.timed then
        perform pg_notify('jobdue', '');
    end if;
    if unwaited and queue.retryable is distinct from false then
        perform jobcenter.commit_unwaited();
    end if;
end
$$;
