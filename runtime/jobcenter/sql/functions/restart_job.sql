-- A failed job, whose row is locked, begins anew: with its arguments, its environment and its version of the workflow; its log goes on. Not one whose
-- parent has taken its error, and not while children of it live: they would be taken for those that it starts now.
create or replace function jobcenter.restart_job(job jobcenter.jobs, reason text) returns boolean
language plpgsql
as $$
declare
    start integer := (select w.start_task_id from jobcenter.actions w where w.action_id = job.workflow_id);
begin
    if job.parentjob_id is not null and not job.detached or exists (
        select from jobcenter.jobs c
        where c.parentjob_id = job.job_id and not c.detached and c.state not in ('finished', 'error'))
    then
        return false;
    end if;
    insert into jobcenter.job_log (job_id, workflow_id, task_entered, task_completed, steps)
    values (job.job_id, job.workflow_id, now(), now(),
            json_build_array(json_build_object('task', start, 'in', json_build_object('retry', coalesce(reason, '')))));
    update jobcenter.jobs j
    set state = 'done', task_id = start, stepcounter = 0, tries = 0, aborted = false, abort_error = null, queue_id = null, worker_id = null,
        timeout = null, cookie = null, in_args = null, out_args = null, variables = '{}', environment = j.environment - '_error',
        start_unlogged = false, task_entered = now(), task_started = null, task_completed = null, job_finished = null
    where j.job_id = job.job_id;
    perform pg_notify('jobtaskdone', format('(%s,%s,%s)', job.workflow_id, start, job.job_id));
    return true;
end
$$;
