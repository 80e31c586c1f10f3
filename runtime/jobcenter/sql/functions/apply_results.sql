-- Maestro: writes what has become of claimed jobs: `results` is an array with an entry a job, `effects` an object with lists of what
-- needs more rows (ARCHITECTURE.md, section 3). Gives how many jobs may go on at once, the seconds until the first of these jobs is
-- due, and how many jobs these were. `unwaited`: the commit need not be waited for where nobody could see that it was undone; for a caller that
-- does this once in its transaction.
create or replace function jobcenter.apply_results(
    results json, effects json, unwaited boolean default false,
    out runnable integer, out due double precision, out applied integer
)
language plpgsql security definer
set search_path = jobcenter, pg_catalog, pg_temp
-- What seems good while the tables are small would be kept for the session.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
as $$
declare
    answers jsonb := '{}';
    marked jsonb;
    cancelled jsonb;
    stored record;
begin
    if effects is not null and (effects -> 'locks' is not null or effects -> 'unlocks' is not null) or exists (select from locks) then
        perform jobcenter.guard_locks(results, effects);
    end if;
    if effects -> 'procedures' is not null then
        marked := jobcenter.aborted_jobs(results);
        answers := jobcenter.apply_effects(effects);
        cancelled := (select coalesce(jsonb_object_agg(a.key, a.value), '{}') from jsonb_each(jobcenter.aborted_jobs(results)) a
                      where a.value is distinct from marked -> a.key);
    elsif effects is not null then
        answers := jobcenter.apply_effects(effects);
    end if;

    with result as (
        -- A job is found by its number, whatever the statistics say: `offset 0` is what keeps this from becoming a join.
        select r.*, j.*, case when r.timeout is not null then jobcenter.seconds_or_interval(r.timeout) end as delay,
               case when r.state = 'retrywait' then j.tries + 1 end as retried,
               case when r.state = 'retrywait' then jobcenter.next_try(j.workflow_id, j.queue_id, j.tries + 1, r.out -> 'error') end as retry_delay
        from json_to_recordset(results) as r (
            job bigint, task integer, state job_state, steps integer, vars jsonb, env jsonb, "in" jsonb, out jsonb,
            callee text, timeout text, aborted boolean, checked boolean, log json)
        cross join lateral (
            select j.ctid as place, j.workflow_id, j.queue_id, j.worker_id, j.tries, j.task_entered, j.task_started, j.task_completed,
                   j.start_unlogged, j.job_created
            from jobs j where j.job_id = r.job offset 0) as j
    ), settled as materialized (
        select r.*, r.steps = 1 and json_array_length(r.log) = 1 and r.log -> 0 -> 'error' is null as only_started,
               c.patience, c.called_queue_id, c.in_args, coalesce(r.retry_delay, r.delay) as pause,
               coalesce(x.answer, r.out, case when r.state = 'done' then '{}'::jsonb end) as out_args,
               case when x.answer is null then r.state when r.state = 'finished' then 'error' else 'done' end as new_state
        from result r
        -- The arguments of actions are checked here, since this is where they are known to the database.
        left join lateral (
            select c.*, jobcenter.signature_problem('input', c.signature -> 'inputs', c.in_args) as problem
            from (select b.action_id, b.queue_id as called_queue_id, a.signature, a.input_defaults || coalesce(r."in", '{}') as in_args,
                         jobcenter.seconds_or_interval(a.config ->> 'timeout') as patience
                  from callees b join actions a on a.action_id = b.action_id
                  where r.state = 'ready' and b.workflow_id = r.workflow_id and b.name = r.callee offset 0) as c
        ) as c on true
        left join lateral (select case
            when answers ? r.job::text then answers -> r.job::text
            when c.problem is not null then jobcenter.error_answer('type', c.problem)
            when r.state = 'ready' and c.action_id is null then jobcenter.error_answer('normal', format('no action "%s" is known here', r.callee))
            -- The number of tries is what makes it final.
            when r.state = 'retrywait' and r.retry_delay is null
                then jsonb_build_object('error', (r.out -> 'error') - 'retry' || jsonb_build_object('tries', r.retried))
            when r.timeout is not null and r.delay is null
                then jobcenter.error_answer('normal', jobcenter.no_duration(r.timeout))
            when r.checked then (select jobcenter.error_answer('type', problem)
                                 from actions w cross join lateral jobcenter.signature_problem('output', w.signature -> 'outputs', r.out) as problem
                                 where w.action_id = r.workflow_id and problem is not null)
            end as answer offset 0) as x on true
    ), logged as (
        -- That a job has started is told with what it does next.
        insert into job_log (job_id, workflow_id, worker_id, task_entered, task_started, task_completed, steps, job_created)
        select s.job, s.workflow_id, s.worker_id, s.task_entered, s.task_started, coalesce(s.task_completed, now()), s.log,
               case when s.start_unlogged then s.job_created end
        from settled s
        where not s.only_started and (s.start_unlogged or json_array_length(s.log) > 0)
    ), updated as (
        update jobs j set
            state = case when s.new_state in ('finished', 'error') and j.parentjob_id is not null and not j.detached
                    then 'zombie' else s.new_state end,
            start_unlogged = s.only_started,
            task_id = s.task,
            stepcounter = s.steps,
            variables = coalesce(s.vars, j.variables),
            environment = coalesce(s.env, j.environment),
            in_args = coalesce(s.in_args, s."in"),
            out_args = s.out_args,
            queue_id = coalesce(s.called_queue_id, case when s.retried is not null then s.queue_id end),
            worker_id = null,
            tries = least(coalesce(s.retried, 0), 32767),
            aborted = coalesce(s.aborted, false),
            abort_error = case when s.aborted then j.abort_error end,
            timeout = case when s.new_state in ('sleeping', 'eventwait', 'lockwait', 'retrywait') then now() + s.pause
                           when s.new_state = 'error' then j.timeout end,  -- ended by force, with children that have not heard of it
            task_entered = now(),
            task_started = null,
            task_completed = null,
            job_finished = case when s.new_state in ('finished', 'error') then now() end
        from settled s
        where j.ctid = s.place  -- this transaction holds the row: it has not moved
        returning j.job_id, j.state, j.queue_id, j.caller, j.out_args, s.pause, s.patience
    )
    select count(*) as applied,
           count(*) filter (where u.state in ('done', 'plotting')) as runnable,
           -- A worker may take its task at once.
           extract(epoch from min(coalesce(u.pause, u.patience)) filter (where u.state <> 'done')) as due,
           array_agg(u.job_id) filter (where u.state = 'ready') as ready, array_agg(u.queue_id) filter (where u.state = 'ready') as queues,
           array_agg(u.job_id) filter (where u.state = 'zombie') as zombies,
           array_agg(u.job_id) filter (where u.state in ('zombie', 'finished', 'error')) as ended,
           jsonb_agg(jsonb_build_object('caller', u.caller, 'job', u.job_id, 'output', u.out_args))
               filter (where u.caller is not null and u.state in ('finished', 'error')) as awaited
    into stored from updated u;

    runnable := stored.runnable + coalesce(json_array_length(effects -> 'children'), 0);
    due := stored.due;
    applied := stored.applied;
    -- Nobody outside has seen anything of this: should the server crash before it is on disk, these jobs do their steps again. What is
    -- committed later, such as the answer to a task that is ready now, is never on disk before it.
    if unwaited and effects is null and stored.ended is null then
        perform jobcenter.commit_unwaited();
    end if;
    if stored.ready is not null then
        perform jobcenter.notify_ready(stored.ready, stored.queues);
    end if;
    if stored.ended is not null then
        perform jobcenter.leave(stored.ended);
        perform jobcenter.tell_ends(stored.ended, stored.awaited);
    end if;
    if stored.zombies is not null then
        runnable := runnable + jobcenter.end_children(stored.zombies);
    end if;
    -- By a procedure, when it was not known yet what they would do now: that has overwritten it.
    if cancelled <> '{}' then
        perform jobcenter.cancel_job(c.key::bigint, c.value ->> 'msg', coalesce(c.value ->> 'class' = 'fatal', false))
        from jsonb_each(cancelled) c;
    end if;
end
$$;
