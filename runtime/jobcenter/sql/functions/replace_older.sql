-- What calls an older version of this one calls it from now on; what is bound to another version by its tags stays so.
create or replace function jobcenter.replace_older(new_id integer) returns void
language plpgsql
as $$
begin
    update jobcenter.callees c set action_id = new_id
    from jobcenter.actions newer, jobcenter.actions older
    where newer.action_id = new_id and older.name = newer.name and older.type = newer.type and older.action_id <> new_id
      and c.action_id = older.action_id
      and (jobcenter.newest_action(newer.name, newer.type, jobcenter.tags_of(c.workflow_id))).action_id = new_id;
    update jobcenter.tasks t set action_id = new_id
    from jobcenter.callees c
    where c.action_id = new_id and t.workflow_id = c.workflow_id and t.action_id <> new_id and t.attributes ->> 'callee' = c.name;
end
$$;
