-- A worker serves an action no more; the tasks it has are still its own. Whether it had announced it.
create or replace function jobcenter.withdraw(worker text, action text) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    delete from jobcenter.worker_actions s using jobcenter.workers w, jobcenter.actions a
    where w.name = withdraw.worker and w.stopped is null and s.worker_id = w.worker_id
      and a.name = withdraw.action and a.type = 'action' and a.version = 1 and s.queue_id = a.queue_id;
    return found;
end
$$;
