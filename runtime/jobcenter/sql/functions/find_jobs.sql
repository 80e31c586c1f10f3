-- The jobs (not the archived ones) whose arguments contain `filter`, the newest first.
create or replace function jobcenter.find_jobs(filter jsonb) returns setof bigint
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select j.job_id from jobcenter.jobs j where j.arguments @> filter order by j.job_id desc;
$$;
