-- Maestro: starts child jobs (an array of {job, task, index, callee, in, detached}). Gives the answers that are known at once, by the parent's number:
-- an error where a child cannot be started (then none of that parent's are), the number of a detached job.
create or replace function jobcenter.start_children(children json) returns jsonb
language sql
set search_path = jobcenter, pg_catalog, pg_temp
as $$
with wanted as materialized (
    select c.job, c.index, coalesce(c.detached, false) as detached, c.task, p.root_id, p.current_depth,
           a.action_id, a.start_task_id, a.input_defaults || coalesce(c."in", '{}') as arguments,
           p.environment - '_error' || coalesce(a.wfenv, '{}') as environment,
           case when a.action_id is null then jobcenter.error_answer('normal', format('no workflow "%s" is known here', c.callee))
                when a.disabled then jobcenter.error_answer('normal', format('workflow "%s" is disabled', c.callee))
                else (select jobcenter.error_answer('type', problem)
                      from jobcenter.signature_problem('input', a.signature -> 'inputs', a.input_defaults || coalesce(c."in", '{}')) as problem
                      where problem is not null) end as refusal
    from json_to_recordset(children) as c (job bigint, task integer, index integer, callee text, "in" jsonb, detached boolean)
    join jobs p on p.job_id = c.job
    left join callees b on b.workflow_id = p.workflow_id and b.name = c.callee
    left join actions a on a.action_id = b.action_id and a.type = 'workflow'
), refused as (
    select distinct on (job) job, refusal from wanted where refusal is not null order by job, index
), started as (
    insert into jobs (root_id, parentjob_id, parenttask_id, child_index, workflow_id, task_id, state, current_depth, detached,
                      arguments, environment)
    select w.root_id, w.job, w.task, w.index, w.action_id, w.start_task_id, 'done',
           case when w.detached then 0 else w.current_depth + 1 end, w.detached, w.arguments, w.environment
    from wanted w
    where not exists (select from refused r where r.job = w.job)
    order by w.job, w.index
    returning job_id, parentjob_id, detached
)
select jsonb_object_agg(job, answer) from (
    select job, refusal as answer from refused
    union all
    select parentjob_id, jsonb_build_object('job_id', job_id) from started where detached
) as answers
$$;
