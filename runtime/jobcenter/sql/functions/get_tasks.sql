-- Up to `n` tasks for a worker, the oldest jobs first. Otherwise as get_task. `unwaited`: do not wait until this transaction is on disk, for
-- a caller that has done nothing else in it. Should the server crash before it is, the tasks have not been handed out: they will be, once more,
-- and the answer to the first time is late. So it does not count for an action that says `retryable: false`.
create or replace function jobcenter.get_tasks(worker text, action text, n integer, unwaited boolean default false)
returns table (o_job_id bigint, o_job_cookie text, o_in_args jsonb, o_env jsonb)
language sql volatile security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select * from jobcenter.take_tasks(worker, action, n, null, unwaited);
$$;
