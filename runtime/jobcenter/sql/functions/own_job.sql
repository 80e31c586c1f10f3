-- A job's row, locked, for a role that may steer it: one that may create jobs of its workflow, or a member of jc_admin. All null where it is
-- archived. Errors: JC003, 42501.
create or replace function jobcenter.own_job(job_id bigint, rolename text) returns jobcenter.jobs
language plpgsql
as $$
declare
    job jobcenter.jobs;
begin
    select j.* into job from jobcenter.jobs j where j.job_id = own_job.job_id for update;
    if not found and not exists (select from jobcenter.jobs_archive a where a.job_id = own_job.job_id) then
        raise exception 'no job %', own_job.job_id using errcode = 'JC003';
    end if;
    if job.workflow_id is not null
       and not jobcenter.may_use(rolename, job.workflow_id) and not jobcenter.is_member(rolename, array['jc_admin']) then
        raise exception 'role % may not touch job %', rolename, own_job.job_id using errcode = 'insufficient_privilege';
    end if;
    if job.state in ('done', 'plotting') then
        -- A Maestro that looks for jobs meanwhile passes it over.
        perform pg_notify('jobtaskdone', '');
    end if;
    return job;
end
$$;
