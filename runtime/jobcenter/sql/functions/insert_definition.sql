-- A compiled definition (artifact.to_json) as a new version, without what it calls (bind_callees); unless there is the same and `force` is not
-- set. What makes two the same is all but the file's path and the bytecode. With tags, it is compared with the newest version that has any, which gets
-- these too: else with the newest that has none. So a tag never takes a version from those who ask for none, nor gives them one.
create or replace function jobcenter.insert_definition(
    artifact json, tags text[], force boolean, out o_action_id integer, out o_version integer, out o_new boolean)
language plpgsql
as $$
declare
    content jsonb := artifact::jsonb;
    program jsonb := content -> 'program';
    content_hash text;
    latest jobcenter.actions;
    same jobcenter.actions;
begin
    if content ->> 'format' is distinct from '1' or content ->> 'name' is null or content ->> 'kind' is null then
        raise exception 'not an artifact of format 1' using errcode = 'JC004';
    end if;
    content_hash := encode(sha256(convert_to((content - 'path' #- '{module,bytecode}' #- '{module,magic}')::text, 'UTF8')), 'hex');
    -- Two that deploy the same name at the same time come one after the other.
    lock table jobcenter.actions in share row exclusive mode;
    select a.* into latest from jobcenter.actions a
    where a.name = content ->> 'name' and a.type::text = content ->> 'kind' order by a.version desc limit 1;
    select a.* into same from jobcenter.actions a
    where a.name = content ->> 'name' and a.type::text = content ->> 'kind'
      and exists (select from jobcenter.action_version_tags t where t.action_id = a.action_id) = (cardinality(tags) > 0)
    order by a.version desc limit 1;
    o_new := same.source_hash is distinct from content_hash or force;
    if o_new then
        perform jobcenter.require_types(content);
        perform jobcenter.require_durations(content);
        o_action_id := nextval('jobcenter.actions_action_id_seq');
        o_version := coalesce(latest.version, 0) + 1;
        insert into jobcenter.actions (action_id, queue_id, name, type, version, start_task_id, input_defaults, signature, wfenv, config,
                                       interface, doc, source_hash, disabled)
        overriding system value
        select o_action_id, coalesce(latest.queue_id, o_action_id), content ->> 'name', (content ->> 'kind')::jobcenter.action_type, o_version,
               (program ->> 'start')::integer,
               (select coalesce(jsonb_object_agg(i.value ->> 'name', i.value -> 'default') filter (where (i.value ->> 'has_default')::boolean), '{}')
                from jsonb_array_elements(content -> 'inputs') i),
               jobcenter.signature_of(content),
               content -> 'wfenv', content -> 'config', content ->> 'interface', content ->> 'doc', content_hash,
               coalesce(latest.disabled, false);
        perform jobcenter.insert_signature(o_action_id, content);
        if jsonb_typeof(program) = 'object' then
            perform jobcenter.insert_program(o_action_id, content);
        end if;
    else
        o_action_id := same.action_id;
        o_version := same.version;
    end if;
    insert into jobcenter.version_tags (tag) select unnest(tags) on conflict do nothing;
    insert into jobcenter.action_version_tags (action_id, tag) select o_action_id, unnest(tags) on conflict do nothing;
end
$$;
