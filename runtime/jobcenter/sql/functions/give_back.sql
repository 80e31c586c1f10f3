-- Tasks that were handed out and have not been begun: others may have them at once. Gives how many there were.
create or replace function jobcenter.give_back(cookies text[]) returns bigint
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    returned bigint[];
    queues integer[];
begin
    with given as (
        update jobcenter.jobs j
        set state = 'ready', cookie = null, worker_id = null, timeout = null, task_started = null
        from unnest(cookies) c (cookie)
        where j.job_id = jobcenter.job_of_cookie(c.cookie) and j.state::text = 'working' and j.cookie::text = lower(c.cookie)
        returning j.job_id, j.queue_id
    )
    select coalesce(array_agg(g.job_id), '{}'), array_agg(g.queue_id) into returned, queues from given g;
    perform jobcenter.notify_ready(returned, queues);
    return cardinality(returned);
end
$$;
