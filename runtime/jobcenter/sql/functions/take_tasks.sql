-- Hands up to `n` ready tasks of an action to a worker, of any job or of one. What get_task and get_tasks share.
-- A task goes by the version of the action that its workflow was bound to.
--
-- A task that has lost its workers, and would fail if it lost one more, is handed out `alone`: a worker has one such task at a time. It may be
-- what kills them, or may only have been with it.
create or replace function jobcenter.take_tasks(worker text, action text, n integer, only_job bigint, unwaited boolean default false)
returns table (o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language plpgsql set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
    rolename text := jobcenter.acting_role(
        (select w.rolename from jobcenter.workers w where w.name = take_tasks.worker and w.stopped is null));
    served jobcenter.actions := jobcenter.served_action(take_tasks.action, rolename);
    me bigint := jobcenter.registered_worker(worker, rolename);
    wanted jsonb;
    some_disabled boolean;
    picked bigint[] := '{}';
    first_job bigint := coalesce(only_job, 0);
    last_job bigint := coalesce(only_job, 9223372036854775807);
begin
    if n is null or n < 0 then
        raise exception 'the number of tasks is % (should be 0 or more)', coalesce(n::text, 'null') using errcode = 'JC004';
    end if;
    select a.filter into wanted from jobcenter.worker_actions a where a.worker_id = me and a.queue_id = served.queue_id;
    if not found and served.config ? 'filter' and not served.config -> 'filter' ? '_*_' then
        raise exception 'a filter is required for action %', action using errcode = 'JC004';
    end if;
    some_disabled := exists (select from jobcenter.actions a where a.queue_id = served.queue_id and a.disabled);
    if some_disabled and not exists (select from jobcenter.actions a where a.queue_id = served.queue_id and not a.disabled) then
        return;
    end if;
    if n > 0 and exists (select from jobcenter.jobs j where j.state = 'ready' and j.queue_id = served.queue_id and j.out_args is not null) then
        picked := array(
            select j.job_id from jobcenter.jobs j
            where j.state = 'ready' and (j.queue_id, j.job_id) >= (served.queue_id, first_job) and (j.queue_id, j.job_id) <= (served.queue_id, last_job)
              and j.out_args is not null and j.out_args -> 'error' ? 'alone'
              and (wanted is null or jobcenter.passes_filter(j.in_args, wanted))
              and not (some_disabled and jobcenter.calls_disabled(j.workflow_id, j.queue_id))
              and not exists (select from jobcenter.jobs h
                              where h.state = 'working' and h.worker_id = me and h.out_args -> 'error' ? 'alone')
            order by j.queue_id, j.job_id limit 1
            for update skip locked);
    end if;
    -- Queue and job are compared, and put in order, together: so no plan that is kept goes through all jobs by their numbers, for a queue in
    -- which there are few.
    picked := picked || array(
        select j.job_id from jobcenter.jobs j
        where j.state = 'ready' and (j.queue_id, j.job_id) >= (served.queue_id, first_job) and (j.queue_id, j.job_id) <= (served.queue_id, last_job)
          and not coalesce(j.out_args -> 'error' ? 'alone', false)
          and (wanted is null or jobcenter.passes_filter(j.in_args, wanted))
          and not (some_disabled and jobcenter.calls_disabled(j.workflow_id, j.queue_id))
        order by j.queue_id, j.job_id limit n - cardinality(picked)
        for update skip locked);
    if cardinality(picked) = 0 then
        return;
    end if;
    return query
    with taken as (
        update jobcenter.jobs j
        set state = 'working', cookie = jobcenter.new_cookie(j.job_id), worker_id = me, task_started = now(),
            timeout = now() + (select jobcenter.seconds_or_interval(a.config ->> 'timeout')
                               from jobcenter.callees c join jobcenter.actions a on a.action_id = c.action_id
                               where c.workflow_id = j.workflow_id and c.queue_id = served.queue_id)
        where j.job_id = any (picked)
        returning j.job_id, j.cookie, j.in_args, j.environment, j.workflow_id, j.task_id, j.tries,
                  (select c.action_id from jobcenter.callees c where c.workflow_id = j.workflow_id and c.queue_id = served.queue_id) as action_id
    )
    select t.job_id, t.cookie::text, coalesce(t.in_args, '{}'),
           jobcenter.worker_environment(t.action_id, t.environment,
               jsonb_build_object('job_id', t.job_id, 'workflow_id', t.workflow_id, 'task_id', t.task_id, 'tries', t.tries))
    from taken t order by t.job_id;
    if served.config ? 'timeout' then
        perform pg_notify('jobdue', '');
    end if;
    if unwaited and not exists (select from jobcenter.actions a where a.queue_id = served.queue_id and not (a.config ->> 'retryable')::boolean) then
        perform jobcenter.commit_unwaited();
    end if;
end
$$;
