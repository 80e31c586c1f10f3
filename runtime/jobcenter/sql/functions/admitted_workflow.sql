-- The workflow version that a name and a tag stand for, if the role may create jobs of it now. Errors: JC001 unknown, JC005 disabled,
-- 42501 not allowed.
create or replace function jobcenter.admitted_workflow(wfname text, tag text, rolename text) returns jobcenter.actions
language plpgsql stable
as $$
declare
    workflow jobcenter.actions := jobcenter.newest_action(wfname, 'workflow', tag);
begin
    if workflow.action_id is null then
        raise exception 'no workflow named %', wfname using errcode = 'JC001';
    end if;
    if workflow.disabled then
        raise exception 'workflow % is disabled', wfname using errcode = 'JC005';
    end if;
    if not jobcenter.may_use(rolename, workflow.action_id) then
        raise exception 'role % may not create jobs of workflow %', rolename, wfname using errcode = 'insufficient_privilege';
    end if;
    return workflow;
end
$$;
