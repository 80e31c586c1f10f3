-- The output of an ended job (`{"error": …}` where it failed), null while it goes on. Errors: JC003 no such job, 42501 not
-- allowed: whoever may not create jobs of its workflow may not know of them (may_see).
create or replace function jobcenter.get_job_status(job_id bigint, impersonate text default null) returns jsonb
language plpgsql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    rolename text;
    job record;
begin
    -- Most workflows are for everybody.
    select j.workflow_id, j.state, j.out_args, exists (select from jobcenter.action_roles r where r.action_id = j.workflow_id) as guarded
    into job from jobcenter.jobs j where j.job_id = get_job_status.job_id;
    if not found then
        select j.workflow_id, j.state, j.out_args, exists (select from jobcenter.action_roles r where r.action_id = j.workflow_id) as guarded
        into job from jobcenter.jobs_archive j where j.job_id = get_job_status.job_id;
        if not found then
            raise exception 'no job %', job_id using errcode = 'JC003';
        end if;
    end if;
    if job.guarded or impersonate is not null then
        rolename := jobcenter.acting_role(impersonate);
        if not jobcenter.may_see(rolename, job.workflow_id) then
            raise exception 'role % may not see job %', rolename, job_id using errcode = 'insufficient_privilege';
        end if;
    end if;
    if job.state in ('finished', 'error', 'zombie') then
        return coalesce(job.out_args, '{}');
    end if;
    return null;
end
$$;
