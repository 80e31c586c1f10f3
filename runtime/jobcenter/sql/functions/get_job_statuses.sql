-- What get_job_status says, of many jobs at once; those that do not exist are left out.
create or replace function jobcenter.get_job_statuses(job_ids bigint[]) returns table (o_job_id bigint, o_output jsonb)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select j.job_id, case when j.state in ('finished', 'error', 'zombie') then coalesce(j.out_args, '{}') end
    from jobcenter.jobs j where j.job_id = any (job_ids)
    union all
    select a.job_id, coalesce(a.out_args, '{}') from jobcenter.jobs_archive a where a.job_id = any (job_ids);
$$;
