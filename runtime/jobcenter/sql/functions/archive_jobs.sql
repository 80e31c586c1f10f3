-- Moves up to `max_jobs` jobs that ended `archive_after` ago to jobs_archive, the first ended first, and counts them. Gives how many.
create or replace function jobcenter.archive_jobs(max_jobs integer) returns bigint
language sql set enable_seqscan = off
as $$
    with old as materialized (
        select j.job_id from jobcenter.jobs j
        where j.state in ('finished', 'error') and j.job_finished < now() - jobcenter.setting('archive_after')::interval
        order by j.job_finished limit max_jobs
        for update skip locked
    ), moved as (
        delete from jobcenter.jobs j using old o where j.job_id = o.job_id returning j.*
    ), stored as (
        insert into jobcenter.jobs_archive select m.* from moved m
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
