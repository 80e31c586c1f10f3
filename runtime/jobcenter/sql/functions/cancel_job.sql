-- Cancels a job: it gets an error of class `abort`, which a `try` of its may catch, or with `force` of class `fatal`, which none can. Its
-- children are aborted; without `force` it waits for their end. An answer that is recorded already is not lost: the job takes it and is told
-- at its next wait, or with `force` at its next task. False where the job has ended. Who may: see own_job. Errors: JC003 no such job, 42501 not allowed.
create or replace function jobcenter.cancel_job(
    job_id bigint, reason text default null, force boolean default false, impersonate text default null) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    job jobcenter.jobs;
    error jsonb := jsonb_build_object('error', jsonb_build_object(
        'class', case when force then 'fatal' else 'abort' end, 'msg', coalesce(reason, 'the job was cancelled')));
begin
    if force then
        -- Nobody would come back to abort those that are locked now. They are locked before the parent, as a Maestro does it; and last
        -- those for whose rows a Maestro waits while it has others.
        perform from jobcenter.jobs j where j.job_id in (
            with recursive tree (job_id) as (
                select c.job_id from jobcenter.jobs c
                where c.parentjob_id = cancel_job.job_id and not c.detached and c.state not in ('zombie', 'finished', 'error')
                union all
                select c.job_id from jobcenter.jobs c join tree on c.parentjob_id = tree.job_id
                where not c.detached and c.state not in ('zombie', 'finished', 'error')
            )
            select t.job_id from tree t)
        order by j.state in ('childwait', 'lockwait'), j.job_id desc for update;
    end if;
    job := jobcenter.own_job(cancel_job.job_id, jobcenter.acting_role(impersonate));
    if job.job_id is null or job.state in ('finished', 'error', 'zombie') then
        return false;
    end if;
    if job.state in ('done', 'plotting') then
        update jobcenter.jobs j
        set aborted = true, abort_error = case when j.abort_error ->> 'class' = 'fatal' then j.abort_error else error -> 'error' end
        where j.job_id = job.job_id;
        return true;
    end if;
    if job.state = 'childwait' then
        perform jobcenter.abort_children(array[job.job_id]);
    end if;
    if job.state = 'childwait' and not force then
        update jobcenter.jobs j set aborted = true, out_args = error where j.job_id = job.job_id;
    else
        -- Those that have ended already would wait for ever to be reaped: it does not come back for them.
        update jobcenter.jobs c set state = case when c.out_args ? 'error' then 'error' else 'finished' end::jobcenter.job_state
        where c.parentjob_id = job.job_id and c.state = 'zombie' and not c.detached;
        update jobcenter.jobs j
        set state = 'done', cookie = null, timeout = null, task_completed = now(), out_args = error where j.job_id = job.job_id;
        delete from jobcenter.lock_waits w where w.job_id = job.job_id;
    end if;
    perform pg_notify('jobtaskdone', format('(%s,%s,%s)', job.workflow_id, job.task_id, job.job_id));
    return true;
end
$$;
