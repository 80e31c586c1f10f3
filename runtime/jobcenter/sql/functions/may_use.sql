-- Whether a role may create jobs of a workflow, or announce an action: everybody where the definition has no `role:`, else the roles
-- named there, their members (table jc_role_members), and superusers.
create or replace function jobcenter.may_use(rolename text, action_id integer) returns boolean
language plpgsql stable
as $$
begin
    if not exists (select from jobcenter.action_roles r where r.action_id = may_use.action_id) then
        return true;
    end if;
    return exists (
        with recursive acts_as (rolename) as (
            select may_use.rolename
            union
            select m.member_of from jobcenter.jc_role_members m join acts_as a on a.rolename = m.rolename
        )
        select from jobcenter.action_roles r join acts_as a on a.rolename = r.rolename
        where r.action_id = may_use.action_id
    ) or exists (select from pg_catalog.pg_roles r where r.rolname = may_use.rolename and r.rolsuper);
end
$$;
