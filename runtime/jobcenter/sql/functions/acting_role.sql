-- The role that a call acts for: the one logged in, or the one it may stand in for (table jc_impersonate_roles).
create or replace function jobcenter.acting_role(impersonate text) returns text
language plpgsql stable
as $$
begin
    if impersonate is null or impersonate = session_user then
        return session_user;
    end if;
    if not exists (
        select from jobcenter.jc_impersonate_roles r
        where r.rolename = session_user and r.impersonates = acting_role.impersonate
    ) then
        raise exception 'role % may not act for %', session_user, impersonate using errcode = 'insufficient_privilege';
    end if;
    return impersonate;
end
$$;
