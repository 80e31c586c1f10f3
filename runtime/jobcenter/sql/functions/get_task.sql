-- A task for a worker: that of `job_id`, or of any job where it is null; no row where there is none to have. `o_job_cookie` is good for
-- one answer; `o_env` is null where the action declares no environment. Errors: JC002 no such action, 42501 not allowed.
create or replace function jobcenter.get_task(worker text, action text, job_id bigint default null)
returns table (o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language sql volatile security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select * from jobcenter.get_tasks(worker, action, 1, only_job => job_id);
$$;
