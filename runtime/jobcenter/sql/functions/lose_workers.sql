-- Workers are gone, and the tasks they still have are lost (see lose_tasks).
create or replace function jobcenter.lose_workers(lost bigint[], grace interval) returns void
language plpgsql set enable_seqscan = off
as $$
declare
    tasks bigint[];
begin
    delete from jobcenter.worker_actions s where s.worker_id = any (lost);
    -- Locked before they are looked at: a task may have been answered meanwhile, and the job be with another worker by now.
    tasks := array(
        select j.job_id from jobcenter.jobs j where j.state = 'working' and j.worker_id = any (lost) order by j.job_id for update);
    perform jobcenter.lose_tasks(tasks, grace);
end
$$;
