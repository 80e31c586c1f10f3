-- Takes a job's task from its worker with a soft error, so that it is tried again as its action allows; a job that waits for its next try
-- makes it now. False where the job does neither. Who may: see own_job. Errors: JC003 no such job, 42501 not allowed.
create or replace function jobcenter.retry_job(job_id bigint, reason text default null, impersonate text default null) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    job jobcenter.jobs := jobcenter.own_job(retry_job.job_id, jobcenter.acting_role(impersonate));
begin
    case job.state
        when 'working' then
            perform jobcenter.fail_tasks(array[job.job_id], jsonb_build_object(
                'class', 'soft', 'msg', coalesce(reason, 'the task is to be tried again')));
        when 'retrywait' then
            update jobcenter.jobs j set timeout = now() where j.job_id = job.job_id;
        else
            return false;
    end case;
    perform pg_notify('jobtaskdone', '');
    return true;
end
$$;
