-- Those of these jobs that have ended, each with its output (`{"error": …}` where it failed). For whoever waits for many.
create or replace function jobcenter.get_job_statuses(job_ids bigint[]) returns table (o_job_id bigint, o_output jsonb)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select j.job_id, coalesce(j.out_args, '{}') from jobcenter.jobs j
    where j.job_id = any (job_ids) and j.state in ('finished', 'error', 'zombie')
    union all
    select a.job_id, coalesce(a.out_args, '{}') from jobcenter.jobs_archive a where a.job_id = any (job_ids);
$$;
