-- Moves up to `max_jobs` jobs whose time among the living is over to jobs_archive, the first ended first, and counts them. Gives how many.
-- The time of a workflow's jobs is the longest `archive` of the actions and procedures that it calls, else the setting `archive_after`.
create or replace function jobcenter.archive_jobs(max_jobs integer) returns bigint
language sql set enable_seqscan = off
as $$
    with asked as materialized (
        select a.action_id, jobcenter.seconds_or_interval(a.config ->> 'archive') as stay
        from jobcenter.actions a where a.config ? 'archive'
    ), stays as materialized (
        select w.action_id as workflow_id, coalesce(max(asked.stay), jobcenter.setting('archive_after')::interval) as stay
        from jobcenter.actions w
        left join jobcenter.callees c on c.workflow_id = w.action_id
        left join asked on asked.action_id = c.action_id
        where w.type = 'workflow' group by w.action_id
    ), old as materialized (
        select j.job_id
        from stays s, lateral (
            select j.job_id, j.job_finished from jobcenter.jobs j
            -- Times end 4713 years before Christ: who keeps jobs for longer keeps them for ever.
            where j.state in ('finished', 'error') and j.workflow_id = s.workflow_id and j.timeout is null
              and j.job_finished < now() - least(s.stay, interval '1000 years')
            order by j.job_finished limit max_jobs) j
        order by j.job_finished limit max_jobs
    ), free as materialized (
        select j.job_id from jobcenter.jobs j join old using (job_id) for update of j skip locked
    ), moved as (
        delete from jobcenter.jobs j using free f where j.job_id = f.job_id returning j.*
    ), stored as (
        insert into jobcenter.jobs_archive (
            job_id, root_id, parentjob_id, job_created, workflow_id, parenttask_id, child_index, current_depth, detached, aborted, abort_error, task_id, state,
            queue_id, stepcounter, tries, worker_id, timeout, task_entered, task_started, task_completed, job_finished, cookie, in_args, out_args,
            variables, environment, arguments)
        select
            job_id, root_id, parentjob_id, job_created, workflow_id, parenttask_id, child_index, current_depth, detached, aborted, abort_error, task_id, state,
            queue_id, stepcounter, tries, worker_id, timeout, task_entered, task_started, task_completed, job_finished, cookie, in_args, out_args,
            variables, environment, arguments
        from moved
    ), counted as (
        insert into jobcenter.call_stats as s (hour, workflow_id, finished, failed, seconds)
        select date_trunc('hour', m.job_finished), m.workflow_id, count(*) filter (where m.state = 'finished'),
               count(*) filter (where m.state = 'error'), sum(extract(epoch from m.job_finished - m.job_created))
        from moved m group by 1, 2
        on conflict (hour, workflow_id) do update
        set finished = s.finished + excluded.finished, failed = s.failed + excluded.failed, seconds = s.seconds + excluded.seconds
    )
    select count(*) from moved;
$$;
