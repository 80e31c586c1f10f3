-- The living worker of that name, which is made on first sight. `rolename` is the role that it serves as; null for the one it has, if the caller may
-- act for that. Being heard of counts as a ping. Errors: JC004 no name, 42501 a worker of another role (see own_worker).
create or replace function jobcenter.registered_worker(name text, inout rolename text, out worker_id bigint)
language plpgsql
as $$
declare
    worker record;
begin
    loop
        select w.worker_id, w.rolename, w.last_ping into worker
        from jobcenter.workers w where w.name = registered_worker.name and w.stopped is null;
        rolename := coalesce(rolename, jobcenter.acting_role(worker.rolename));
        exit when found;
        if coalesce(name, '') = '' then
            raise exception 'a worker needs a name' using errcode = 'JC004';
        end if;
        perform jobcenter.require_short('the name of the worker', name);
        insert into jobcenter.workers (name, rolename) values (registered_worker.name, registered_worker.rolename)
        on conflict do nothing;
    end loop;
    if worker.rolename is distinct from registered_worker.rolename then
        perform jobcenter.own_worker(name);
    end if;
    if worker.rolename is distinct from registered_worker.rolename then
        update jobcenter.workers w set last_ping = now(), rolename = registered_worker.rolename
        where w.worker_id = worker.worker_id;
    elsif worker.last_ping < now() - interval '10 seconds' then
        -- Who has the row now pings, or gives the worker up; with the rows of other workers, it may wait for what this transaction has.
        update jobcenter.workers w set last_ping = now()
        where w.worker_id = (
            select h.worker_id from jobcenter.workers h where h.worker_id = worker.worker_id for no key update skip locked);
    end if;
    worker_id := worker.worker_id;
end
$$;
