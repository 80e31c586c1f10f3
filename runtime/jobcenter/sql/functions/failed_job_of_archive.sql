-- A failed job that no parent has waited for, back from the archive, for a role that may steer it (own_job); all null where it is none. Errors: 42501.
create or replace function jobcenter.failed_job_of_archive(job_id bigint, rolename text) returns jobcenter.jobs
language plpgsql
as $$
declare
    job jobcenter.jobs;
    old jobcenter.jobs_archive;
begin
    delete from jobcenter.jobs_archive a
    where a.job_id = failed_job_of_archive.job_id and a.state = 'error' and (a.parentjob_id is null or a.detached)
    returning a.* into old;
    if not found then
        return null;
    end if;
    if not jobcenter.may_use(rolename, old.workflow_id) and not jobcenter.is_member(rolename, array['jc_admin']) then
        raise exception 'role % may not touch job %', rolename, old.job_id using errcode = 'insufficient_privilege';
    end if;
    insert into jobcenter.jobs (
        job_id, root_id, parentjob_id, job_created, workflow_id, parenttask_id, child_index, current_depth, detached, task_id, state, stepcounter,
        task_entered, job_finished, out_args, environment, arguments)
    overriding system value
    values (
        old.job_id, old.root_id, old.parentjob_id, old.job_created, old.workflow_id, old.parenttask_id, old.child_index, old.current_depth,
        old.detached, old.task_id, old.state, old.stepcounter, old.task_entered, old.job_finished, old.out_args, old.environment, old.arguments)
    returning * into job;
    return job;
end
$$;
