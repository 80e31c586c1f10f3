-- The jobs (not the archived ones) whose arguments contain `filter` and that the role may see, the newest first.
create or replace function jobcenter.find_jobs(filter jsonb, impersonate text default null) returns setof bigint
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select j.job_id from jobcenter.jobs j where j.arguments @> filter
      -- Most workflows are for everybody, which is known faster so.
      and (not exists (select from jobcenter.action_roles r where r.action_id = j.workflow_id)
           or jobcenter.may_see((select jobcenter.acting_role(impersonate)), j.workflow_id))
    order by j.job_id desc;
$$;
