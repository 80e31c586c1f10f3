-- The number of the living worker of that name, null where there is none. Errors: 42501, it was announced for a role that the caller may not
-- act for.
create or replace function jobcenter.own_worker(name text) returns bigint
language plpgsql stable
as $$
declare
    worker record;
begin
    select w.worker_id, w.rolename into worker from jobcenter.workers w where w.name = own_worker.name and w.stopped is null;
    if found and not jobcenter.may_steer_workers_of(worker.rolename) then
        raise exception 'worker % is of role %, for which role % may not act', name, worker.rolename, session_user
            using errcode = 'insufficient_privilege';
    end if;
    return worker.worker_id;
end
$$;
