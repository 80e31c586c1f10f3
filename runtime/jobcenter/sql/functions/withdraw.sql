-- A worker serves an action no more; the tasks it has are still its own. Whether it had announced it. Errors: 42501 a worker of another role.
create or replace function jobcenter.withdraw(worker text, action text) returns boolean
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    delete from jobcenter.worker_actions s using jobcenter.actions a
    where s.worker_id = jobcenter.own_worker(worker)
      and a.name = withdraw.action and a.type = 'action' and a.version = 1 and s.queue_id = a.queue_id;
    return found;
end
$$;
