-- Tries again what a job is at, or was at when it failed. A task is taken from its worker, or from its wait for the next try, and handed out at once:
-- that counts no try, and asks no policy. A failed job that no parent has waited for begins anew (restart_job), also out of the archive. False where
-- there is nothing to try again. Who may: see own_job. Errors: JC003 no such job, 42501 not allowed.
create or replace function jobcenter.retry_job(job_id bigint, reason text default null, impersonate text default null) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    rolename text := jobcenter.acting_role(impersonate);
    job jobcenter.jobs := jobcenter.own_job(retry_job.job_id, rolename);
    asked text := coalesce(nullif(reason, ''), 'the task is to be tried again');
begin
    if job.job_id is null then
        job := jobcenter.failed_job_of_archive(retry_job.job_id, rolename);
    end if;
    case job.state
        when 'working', 'retrywait' then
            update jobcenter.jobs j
            set state = 'ready', cookie = null, worker_id = null, timeout = null, task_started = null, task_completed = null,
                out_args = jsonb_build_object('error', coalesce(j.out_args -> 'error', '{}') || case when j.state = 'working'
                    then jsonb_build_object('class', 'soft', 'msg', asked) else '{}' end)
            where j.job_id = job.job_id;
            perform jobcenter.notify_ready(array[job.job_id], array[job.queue_id]);
            return true;
        when 'error' then
            return jobcenter.restart_job(job, reason);
        else
            return false;
    end case;
end
$$;
