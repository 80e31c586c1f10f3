-- Where jobs are: their state, the steps done, the task each stands at, its line in the source and what it calls. For those who look on; jobs that
-- the role may not see are left out.
create or replace function jobcenter.get_job_progress(job_ids bigint[], impersonate text default null)
returns table (o_job_id bigint, o_workflow text, o_state text, o_steps integer, o_task text, o_line integer, o_calls text)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select j.job_id, w.name, j.state::text, j.stepcounter, t.kind, t.line, c.name
    from (
        select l.job_id, l.workflow_id, l.task_id, l.state, l.stepcounter from jobcenter.jobs l where l.job_id = any (job_ids)
        union all
        select a.job_id, a.workflow_id, a.task_id, a.state, a.stepcounter from jobcenter.jobs_archive a where a.job_id = any (job_ids)
    ) j
    join jobcenter.actions w on w.action_id = j.workflow_id
    left join jobcenter.tasks t on t.workflow_id = j.workflow_id and t.task_id = j.task_id
    left join jobcenter.actions c on c.action_id = t.action_id
    where jobcenter.may_see((select jobcenter.acting_role(impersonate)), j.workflow_id);
$$;
