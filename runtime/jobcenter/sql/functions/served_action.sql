-- The action that a worker names, if the role may serve it. Errors: JC002 unknown, 42501 not allowed.
create or replace function jobcenter.served_action(action text, rolename text) returns jobcenter.actions
language plpgsql stable
as $$
declare
    served jobcenter.actions := jobcenter.newest_action(action, 'action', null);
begin
    if served.action_id is null then
        raise exception 'no action named %', action using errcode = 'JC002';
    end if;
    if not jobcenter.may_use(rolename, served.action_id) then
        raise exception 'role % may not serve action %', rolename, action using errcode = 'insufficient_privilege';
    end if;
    return served;
end
$$;
