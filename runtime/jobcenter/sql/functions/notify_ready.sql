-- Maestro: tells workers that jobs are ready, each in the queue that stands at its place in `queues`: with the job's number where there are few, else
-- "look in the table", once a queue.
create or replace function jobcenter.notify_ready(ready bigint[], queues integer[]) returns void
language plpgsql
set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    if cardinality(ready) <= 4 then
        for place in 1 .. cardinality(ready) loop
            perform pg_notify('action:' || queues[place] || ':ready', '{"job_id": ' || ready[place] || '}');
        end loop;
    else
        perform pg_notify('action:' || q.queue_id || ':ready', '') from (select distinct unnest(queues)) q (queue_id);
    end if;
end
$$;
