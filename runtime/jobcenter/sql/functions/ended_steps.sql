-- For a Maestro that traces: the runs of steps of ended jobs, in their order. `o_kind`, `o_line`, `o_action`, `o_error` are those of a run's first
-- step, which is what the job had waited for since `o_entered`; `o_steps` is how many there are. A start step that is told with the next row is a
-- run of its own.
create or replace function jobcenter.ended_steps(job_ids bigint[], since timestamptz)
returns table (
    o_job_id bigint, o_kind text, o_line integer, o_action text, o_worker text, o_entered timestamptz, o_started timestamptz,
    o_completed timestamptz, o_logged timestamptz, o_steps integer, o_error json)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select l.job_id, t.kind, t.line, a.name, w.name, l.task_entered, l.task_started, l.task_completed, l.logged,
           json_array_length(l.steps), l.steps -> 0 -> 'error'
    from (
        select l.job_log_id, 1 as place, l.job_id, l.workflow_id, l.worker_id, l.task_entered, l.task_started, l.task_completed, l.logged, l.steps
        from job_log l where l.job_id = any (job_ids) and l.logged >= since and json_array_length(l.steps) > 0
        union all
        select l.job_log_id, 0, l.job_id, l.workflow_id, null, l.job_created, null, l.task_entered, l.task_entered,
               json_build_array(json_build_object('task', w.start_task_id))
        from job_log l join actions w on w.action_id = l.workflow_id
        where l.job_id = any (job_ids) and l.logged >= since and l.job_created is not null
    ) l
    left join tasks t on t.workflow_id = l.workflow_id and t.task_id = (l.steps -> 0 ->> 'task')::integer
    left join actions a on a.action_id = t.action_id
    left join workers w using (worker_id)
    order by l.job_id, l.job_log_id, l.place;
$$;
