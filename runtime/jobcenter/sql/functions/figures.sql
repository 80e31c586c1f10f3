-- How the queues stand, for metrics and for people: found by the partial indexes, so that it costs nothing to speak of while the backlog is small,
-- and some 100 ms for a million ready tasks. `oldest` is the wait of the task that is claimed next.
create or replace function jobcenter.figures() returns jsonb
language sql stable security definer
set search_path = jobcenter, pg_catalog, pg_temp
set enable_seqscan = off
as $$
with ready as (
    select j.queue_id, count(*) as tasks from jobs j where j.state = 'ready' group by j.queue_id
), working as (
    select j.queue_id, count(*) as tasks from jobs j where j.state = 'working' group by j.queue_id
), serving as (
    select s.queue_id, count(*) as workers
    from worker_actions s join workers w using (worker_id) where w.stopped is null group by s.queue_id
), queue as (
    select a.name as action, coalesce(r.tasks, 0) as ready, coalesce(b.tasks, 0) as working, coalesce(s.workers, 0) as workers,
           coalesce(extract(epoch from now() - h.task_entered), 0) as oldest
    from actions a
    left join ready r on r.queue_id = a.action_id
    left join working b on b.queue_id = a.action_id
    left join serving s on s.queue_id = a.action_id
    left join lateral (select j.task_entered from jobs j where j.state = 'ready' and j.queue_id = r.queue_id
                       order by j.job_id limit 1) h on true
    where a.type = 'action' and a.queue_id = a.action_id
)
select jsonb_build_object(
    'queues', (select coalesce(jsonb_agg(to_jsonb(q) order by q.action), '[]') from queue q),
    'jobs', jsonb_build_object(
        'done', (select count(*) from jobs j where j.state in ('done', 'plotting')),
        'ready', (select coalesce(sum(r.tasks), 0) from ready r),
        'working', (select coalesce(sum(b.tasks), 0) from working b),
        'lockwait', (select count(*) from lock_waits)),
    'timers', (select count(*) from jobs j where j.timeout is not null),
    'timer_lag', (select greatest(extract(epoch from clock_timestamp() - min(j.timeout)), 0) from jobs j where j.timeout is not null),
    'runnable_oldest', (select extract(epoch from now() - coalesce(f.task_completed, f.task_entered)) from (
        select j.task_completed, j.task_entered from jobs j where j.state in ('done', 'plotting') order by j.job_id limit 1) f),
    'locks', (select count(distinct (l.locktype, l.lockvalue)) from locks l),
    'workers', (select count(*) from workers w where w.stopped is null))
$$;
