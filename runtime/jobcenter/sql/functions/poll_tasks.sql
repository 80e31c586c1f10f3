-- What these workers could do now, by action: the channel, the workers that serve it, and how many tasks are ready (counting stops at 1000).
create or replace function jobcenter.poll_tasks(worker_ids bigint[])
returns table (o_action text, o_listenstring text, o_worker_ids bigint[], o_ready bigint)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select a.name, format('action:%s:ready', q.queue_id), q.worker_ids, r.ready
    from (select s.queue_id, array_agg(s.worker_id order by s.worker_id) as worker_ids
          from jobcenter.worker_actions s where s.worker_id = any (poll_tasks.worker_ids) group by s.queue_id) q
    join jobcenter.actions a on a.action_id = q.queue_id,
    lateral (select count(*) as ready from (
        select from jobcenter.jobs j where j.state = 'ready' and j.queue_id = q.queue_id limit 1000) few) r
    where r.ready > 0 order by a.name;
$$;
