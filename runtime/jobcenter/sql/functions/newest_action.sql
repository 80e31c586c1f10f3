-- The version of a definition that a name stands for, null where there is none. `tag` may be several, `a:b`: the newest version with
-- the first of them that any version has; else the newest without a tag; else the newest.
create or replace function jobcenter.newest_action(name text, kind jobcenter.action_type, tag text) returns jobcenter.actions
language plpgsql stable
as $$
declare
    wanted text;
    newest jobcenter.actions;
begin
    foreach wanted in array string_to_array(coalesce(tag, ''), ':') loop
        select a.* into newest
        from jobcenter.actions a join jobcenter.action_version_tags t on t.action_id = a.action_id and t.tag = wanted
        where a.name = newest_action.name and a.type = kind
        order by a.version desc limit 1;
        if found then
            return newest;
        end if;
    end loop;
    select a.* into newest from jobcenter.actions a
    where a.name = newest_action.name and a.type = kind
      and not exists (select from jobcenter.action_version_tags t where t.action_id = a.action_id)
    order by a.version desc limit 1;
    if not found then
        select a.* into newest from jobcenter.actions a
        where a.name = newest_action.name and a.type = kind
        order by a.version desc limit 1;
    end if;
    return newest;
end
$$;
