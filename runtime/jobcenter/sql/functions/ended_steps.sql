-- For a Maestro that traces: the runs of steps of ended jobs, in their order. `o_kind`, `o_line`, `o_action`, `o_error` are those of a run's first
-- step, which is what the job had waited for since `o_entered`; `o_steps` is how many there are.
create or replace function jobcenter.ended_steps(job_ids bigint[], since timestamptz)
returns table (
    o_job_id bigint, o_kind text, o_line integer, o_action text, o_worker text, o_entered timestamptz, o_started timestamptz,
    o_completed timestamptz, o_logged timestamptz, o_steps integer, o_error json)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select l.job_id, t.kind, t.line, a.name, w.name, l.task_entered, l.task_started, l.task_completed, l.logged,
           json_array_length(l.steps), l.steps -> 0 -> 'error'
    from job_log l
    left join tasks t on t.workflow_id = l.workflow_id and t.task_id = (l.steps -> 0 ->> 'task')::integer
    left join actions a on a.action_id = t.action_id
    left join workers w using (worker_id)
    where l.job_id = any (job_ids) and l.logged >= since
    order by l.job_id, l.job_log_id;
$$;
