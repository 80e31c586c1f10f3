-- Disables (or enables) a definition: all its versions, or one. No new jobs of a disabled workflow are created; the tasks of a disabled action
-- wait until it is enabled again. Gives how many versions were changed. Errors: JC001 and JC002, no such workflow or action.
create or replace function jobcenter.disable_action(
    name text, kind text default 'workflow', version integer default null, disabled boolean default true)
returns integer
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    changed integer;
    other text;
begin
    update jobcenter.actions a set disabled = coalesce(disable_action.disabled, true)
    where a.name = disable_action.name and a.type::text = kind and (disable_action.version is null or a.version = disable_action.version);
    get diagnostics changed = row_count;
    if changed = 0 and exists (select from jobcenter.actions a where a.name = disable_action.name and a.type::text = kind) then
        raise exception '% % has no version %', kind, name, version using errcode = case kind when 'workflow' then 'JC001' else 'JC002' end;
    elsif changed = 0 then
        select a.type::text into other from jobcenter.actions a where a.name = disable_action.name and a.type <> 'system' limit 1;
        raise exception 'no % named %', kind, name || coalesce(': it is of kind ' || other, '')
            using errcode = case kind when 'workflow' then 'JC001' else 'JC002' end;
    end if;
    if kind = 'action' and not disabled then
        perform pg_notify(format('action:%s:ready', q.queue_id), '')
        from (select distinct a.queue_id from jobcenter.actions a where a.name = disable_action.name and a.type = 'action') q;
    end if;
    return changed;
end
$$;
