-- Tasks that were handed out and have not been begun: others may have them at once. Gives how many there were.
create or replace function jobcenter.give_back(cookies text[]) returns bigint
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    -- In the order in which others lock tasks.
    locked bigint[] := array(
        select j.job_id from unnest(cookies) c (cookie) join jobcenter.jobs j on j.job_id = jobcenter.job_of_cookie(c.cookie)
        where j.state::text = 'working' and j.cookie::text = lower(c.cookie)
        order by j.job_id for update of j);
    returned bigint[];
    queues integer[];
begin
    with given as (
        update jobcenter.jobs j
        set state = 'ready', cookie = null, worker_id = null, timeout = null, task_started = null
        where j.job_id = any (locked)
        returning j.job_id, j.queue_id
    )
    select coalesce(array_agg(g.job_id), '{}'), array_agg(g.queue_id) into returned, queues from given g;
    perform jobcenter.notify_ready(returned, queues);
    return cardinality(returned);
end
$$;
