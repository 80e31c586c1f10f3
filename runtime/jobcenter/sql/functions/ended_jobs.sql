-- For a Maestro that traces: jobs that have ended, without any value of theirs save the error's message.
create or replace function jobcenter.ended_jobs(job_ids bigint[])
returns table (
    o_job_id bigint, o_parent_id bigint, o_workflow text, o_version integer, o_steps integer, o_created timestamptz,
    o_finished timestamptz, o_error jsonb, o_traceparent text, o_trace_id text)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    with ended as (
        select j.job_id, j.root_id, j.parentjob_id, j.workflow_id, j.stepcounter, j.job_created, j.job_finished, j.state, j.out_args, j.environment
        from jobs j where j.job_id = any (job_ids)
        union all
        select j.job_id, j.root_id, j.parentjob_id, j.workflow_id, j.stepcounter, j.job_created, j.job_finished, j.state, j.out_args, j.environment
        from jobs_archive j where j.job_id = any (job_ids)
    )
    select e.job_id, e.parentjob_id, a.name, a.version, e.stepcounter, e.job_created, e.job_finished,
           case when e.state <> 'finished' then e.out_args -> 'error' end, e.environment ->> 'traceparent', trace_id(e.root_id)
    from ended e join actions a on a.action_id = e.workflow_id
    where e.job_finished is not null
    order by e.job_id;
$$;
