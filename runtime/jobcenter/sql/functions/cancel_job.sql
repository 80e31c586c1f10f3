-- Cancels a job: it gets an error of class `abort`, which a `try` of its may catch, or with `force` of class `fatal`, which none can. Its
-- children are aborted; without `force` it waits for their end. An answer that is recorded already is not lost: the job takes it and is told
-- at its next wait, or with `force` at its next task. False where the job has ended. Who may: see own_job. Errors: JC003 no such job, 42501 not allowed.
--
-- The job's row is all that is waited for, since others may wait for the rows that this transaction has.
create or replace function jobcenter.cancel_job(
    job_id bigint, reason text default null, force boolean default false, impersonate text default null) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    job jobcenter.jobs := jobcenter.own_job(cancel_job.job_id, jobcenter.acting_role(impersonate));
    error jsonb := jsonb_build_object('error', jsonb_build_object(
        'class', case when force then 'fatal' else 'abort' end, 'msg', coalesce(reason, 'the job was cancelled')));
begin
    if job.job_id is null or job.state in ('finished', 'error', 'zombie') then
        return false;
    end if;
    -- Or as good as done: a lock is being handed to it.
    if job.state in ('done', 'plotting') or jobcenter.leave_queues(array[job.job_id]) = '{}' then
        update jobcenter.jobs j
        set aborted = true, abort_error = case when j.abort_error ->> 'class' = 'fatal' then j.abort_error else error -> 'error' end
        where j.job_id = job.job_id;
        return true;
    end if;
    if job.state = 'childwait' then
        update jobcenter.jobs j set timeout = null where j.job_id = job.job_id;
        perform jobcenter.abort_children(array[job.job_id]);
    end if;
    if job.state = 'childwait' and not force then
        update jobcenter.jobs j set aborted = true, out_args = error where j.job_id = job.job_id;
    else
        -- Those that have ended already would wait for ever to be reaped: it does not come back for them.
        update jobcenter.jobs c set state = case when c.out_args ? 'error' then 'error' else 'finished' end::jobcenter.job_state
        where c.parentjob_id = job.job_id and c.state = 'zombie' and not c.detached;
        -- A time that abort_children has set is kept, beyond the job's end: there are children to be told.
        update jobcenter.jobs j
        set state = 'done', cookie = null, timeout = case when j.state = 'childwait' then j.timeout end, task_completed = now(), out_args = error
        where j.job_id = job.job_id;
    end if;
    perform pg_notify('jobtaskdone', format('(%s,%s,%s)', job.workflow_id, job.task_id, job.job_id));
    return true;
end
$$;
