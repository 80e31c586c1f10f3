-- Binds what a workflow calls to the versions that the names stand for now, those with the tags first. Errors: JC001 and JC002, a callee that
-- is not deployed.
create or replace function jobcenter.bind_callees(bound_id integer, tags text[]) returns void
language plpgsql
as $$
declare
    missing record;
begin
    delete from jobcenter.callees c where c.workflow_id = bound_id;
    for missing in
        with called as (
            select distinct c.value ->> 'callee' as name, c.value ->> 'callee_kind' as kind
            from jobcenter.tasks t,
                 lateral (select t.attributes as value union all select jsonb_array_elements(t.attributes -> 'branches')) c
            where t.workflow_id = bound_id and c.value ->> 'callee' is not null
        ), bound as (
            insert into jobcenter.callees (workflow_id, name, action_id, queue_id)
            select bound_id, c.name, a.action_id, a.queue_id
            from called c
            join jobcenter.actions a
              on a.action_id = (jobcenter.newest_action(c.name, c.kind::jobcenter.action_type, array_to_string(tags, ':'))).action_id
            returning name
        )
        select c.name, c.kind, w.name as workflow from called c, jobcenter.actions w
        where w.action_id = bound_id and not exists (select from bound b where b.name = c.name)
    loop
        raise exception 'workflow % calls %, but no % of that name is deployed', missing.workflow, missing.name, missing.kind
            using errcode = case missing.kind when 'workflow' then 'JC001' else 'JC002' end;
    end loop;
    update jobcenter.tasks t set action_id = c.action_id
    from jobcenter.callees c
    where t.workflow_id = bound_id and c.workflow_id = bound_id and c.name = t.attributes ->> 'callee';
end
$$;
