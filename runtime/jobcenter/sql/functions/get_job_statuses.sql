-- What get_job_status says, of many jobs at once; those that do not exist, or that the role may not see, are left out.
create or replace function jobcenter.get_job_statuses(job_ids bigint[], impersonate text default null) returns table (o_job_id bigint, o_output jsonb)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    with found as materialized (
        select j.job_id, j.workflow_id, case when j.state in ('finished', 'error', 'zombie') then coalesce(j.out_args, '{}') end as output
        from jobcenter.jobs j where j.job_id = any (job_ids)
        union all
        select a.job_id, a.workflow_id, coalesce(a.out_args, '{}') from jobcenter.jobs_archive a where a.job_id = any (job_ids)
    ), seen as materialized (
        select w.workflow_id from (select distinct f.workflow_id from found f) w
        where jobcenter.may_see((select jobcenter.acting_role(impersonate)), w.workflow_id)
    )
    select f.job_id, f.output from found f join seen s using (workflow_id);
$$;
