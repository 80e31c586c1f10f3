-- The answer to a task that failed: an error of the job. `class` `soft` asks for another try, where the action allows it.
create or replace function jobcenter.task_failed(cookie text, msg text, class text default 'normal') returns void
language sql volatile security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select jobcenter.task_done(cookie, jsonb_build_object('error', jsonb_build_object('class', class, 'msg', msg)));
$$;
