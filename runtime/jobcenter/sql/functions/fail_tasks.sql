-- Takes tasks from their workers with an error: of the jobs named, those in state `working`. Their cookies are gone, so a late answer
-- changes nothing and is told so.
create or replace function jobcenter.fail_tasks(failed bigint[], error jsonb) returns void
language plpgsql set enable_seqscan = off
as $$
begin
    perform from jobcenter.jobs j where j.job_id = any (failed) and j.state = 'working' order by j.job_id for update;
    update jobcenter.jobs j
    set state = 'done', cookie = null, timeout = null, task_completed = now(), out_args = jsonb_build_object('error', fail_tasks.error)
    where j.job_id = any (failed) and j.state = 'working';
end
$$;
