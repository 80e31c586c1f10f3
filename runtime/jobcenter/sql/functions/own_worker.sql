-- The number of the living worker of that name, null where there is none. Errors: 42501, it was announced for a role that the caller may not
-- act for. Superusers and members of jc_admin may steer any.
create or replace function jobcenter.own_worker(name text) returns bigint
language plpgsql stable
as $$
declare
    worker record;
begin
    select w.worker_id, w.rolename into worker from jobcenter.workers w where w.name = own_worker.name and w.stopped is null;
    if worker.rolename is distinct from session_user
       and not exists (select from jobcenter.jc_impersonate_roles r
                       where r.rolename = session_user and r.impersonates = worker.rolename)
       and not jobcenter.is_member(session_user, array['jc_admin'])
       and worker.rolename is not null then
        raise exception 'worker % is of role %, for which role % may not act', name, worker.rolename, session_user
            using errcode = 'insufficient_privilege';
    end if;
    return worker.worker_id;
end
$$;
