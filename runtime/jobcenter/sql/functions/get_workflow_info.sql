-- What there is to know of the workflow that create_job would take. Errors: JC001 no such workflow, 42501 not allowed: whoever may not
-- create jobs of it may not know what it takes either (may_see).
create or replace function jobcenter.get_workflow_info(name text, tag text default null, impersonate text default null) returns jsonb
language plpgsql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    rolename text := jobcenter.acting_role(impersonate);
    workflow jobcenter.actions;
begin
    select a.* into workflow from jobcenter.actions a
    where a.action_id = (jobcenter.newest_action(get_workflow_info.name, 'workflow', tag)).action_id;
    if not found then
        raise exception 'no workflow named %', name using errcode = 'JC001';
    end if;
    if not jobcenter.may_see(rolename, workflow.action_id) then
        raise exception 'role % may not see workflow %', rolename, name using errcode = 'insufficient_privilege';
    end if;
    return jsonb_build_object(
        'name', workflow.name, 'workflow_id', workflow.action_id, 'version', workflow.version, 'disabled', workflow.disabled,
        'doc', workflow.doc, 'interface', workflow.interface, 'created', workflow.created,
        'wfenv', coalesce(workflow.wfenv, '{}'), 'config', workflow.config,
        'tags', (select coalesce(jsonb_agg(t.tag order by t.tag), '[]') from jobcenter.action_version_tags t
                 where t.action_id = workflow.action_id),
        'roles', (select coalesce(jsonb_agg(r.rolename order by r.rolename), '[]') from jobcenter.action_roles r
                  where r.action_id = workflow.action_id),
        'inputs', (select coalesce(jsonb_agg(jsonb_build_object(
                       'name', i.name, 'type', i.type, 'optional', i.optional, 'default', i."default") order by i.position), '[]')
                   from jobcenter.action_inputs i where i.action_id = workflow.action_id and i.destination = 'arguments'),
        'outputs', (select coalesce(jsonb_agg(jsonb_build_object(
                        'name', o.name, 'type', o.type, 'optional', o.optional) order by o.position), '[]')
                    from jobcenter.action_outputs o where o.action_id = workflow.action_id));
end
$$;
