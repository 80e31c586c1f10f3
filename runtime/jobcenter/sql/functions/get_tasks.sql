-- Up to `n` tasks for a worker, the oldest jobs first. Otherwise as get_task.
create or replace function jobcenter.get_tasks(worker text, action text, n integer)
returns table (o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language sql volatile security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select * from jobcenter.take_tasks(worker, action, n, null);
$$;
