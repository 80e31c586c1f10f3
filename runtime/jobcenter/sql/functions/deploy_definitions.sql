-- Deploys compiled definitions, an array of what artifact.to_json makes, all or none; they may call each other in any order. Gives the
-- version of each, in that order, and whether it is new: a definition of which the newest version is the same is left alone, unless
-- `force` is set. With `replace`, what called an older version of one calls this one from now on, jobs on their way included,
-- also where it is not new. `o_there`: not so of a procedure that the database has no function for (yet). Errors: JC001 and JC002
-- something they call is not deployed, JC004 one cannot be used.
create or replace function jobcenter.deploy_definitions(
    artifacts json, tags text[] default null, force boolean default false, replace boolean default false)
returns table (o_kind text, o_name text, o_action_id integer, o_version integer, o_new boolean, o_there boolean)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    artifact json;
    fresh integer[] := '{}';
    deployed integer[] := '{}';
begin
    if json_typeof(artifacts) is distinct from 'array' then
        raise exception 'the list of artifacts has wrong type % (should be array)', coalesce(json_typeof(artifacts), 'null') using errcode = 'JC004';
    end if;
    for artifact in select a.value from json_array_elements(artifacts) with ordinality a (value, position) order by a.position loop
        o_kind := artifact ->> 'kind';
        o_name := artifact ->> 'name';
        select d.o_action_id, d.o_version, d.o_new into o_action_id, o_version, o_new
        from jobcenter.insert_definition(artifact, coalesce(tags, '{}'), force) d;
        o_there := o_kind <> 'procedure' or jobcenter.procedure_named(o_name) is not null;
        deployed := deployed || o_action_id;
        if o_new then
            fresh := fresh || o_action_id;
        end if;
        return next;
    end loop;
    perform jobcenter.bind_callees(f.action_id, coalesce(tags, '{}')) from unnest(fresh) f (action_id);
    if replace then
        perform jobcenter.replace_older(d.action_id) from unnest(deployed) d (action_id);
    end if;
end
$$;
