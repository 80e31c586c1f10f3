-- Whether the caller may steer workers that were announced for a role: for its own, and for one that it may act for; superusers and members of
-- jc_admin for any.
create or replace function jobcenter.may_steer_workers_of(rolename text) returns boolean
language plpgsql stable
as $$
begin
    return rolename = session_user
        or exists (select from jobcenter.jc_impersonate_roles r
                   where r.rolename = session_user and r.impersonates = may_steer_workers_of.rolename)
        or jobcenter.is_member(session_user, array['jc_admin']);
end
$$;
