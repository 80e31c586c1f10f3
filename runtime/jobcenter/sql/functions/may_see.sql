-- Whether a role may know of a workflow and its jobs: who may create them, or act for somebody who may; and those who steer or run all jobs.
create or replace function jobcenter.may_see(rolename text, workflow_id integer) returns boolean
language plpgsql stable
as $$
begin
    return jobcenter.may_use(rolename, workflow_id)
        or exists (select from jobcenter.jc_impersonate_roles r
                   where r.rolename = may_see.rolename and jobcenter.may_use(r.impersonates, may_see.workflow_id))
        or jobcenter.is_member(rolename, array['jc_admin', 'jc_maestro']);
end
$$;
