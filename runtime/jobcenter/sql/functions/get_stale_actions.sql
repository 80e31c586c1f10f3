-- The workflows whose newest version calls what has a newer version by now: to deploy them again would bind them to it.
create or replace function jobcenter.get_stale_actions()
returns table (o_workflow text, o_version integer, o_callee text, o_bound_version integer, o_newest_version integer)
language sql stable security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
    select w.name, w.version, c.name, bound.version, newest.version
    from jobcenter.actions w
    join jobcenter.callees c on c.workflow_id = w.action_id
    join jobcenter.actions bound on bound.action_id = c.action_id
    join jobcenter.actions newest on newest.action_id = (jobcenter.newest_action(bound.name, bound.type, jobcenter.tags_of(w.action_id))).action_id
    where newest.action_id <> bound.action_id
      and w.action_id = (jobcenter.newest_action(w.name, 'workflow', jobcenter.tags_of(w.action_id))).action_id
    order by w.name, c.name;
$$;
