-- A new workflow version's tasks, lock types and module.
create or replace function jobcenter.insert_program(new_id integer, content jsonb) returns void
language plpgsql
as $$
declare
    program jsonb := content -> 'program';
    module jsonb := content -> 'module';
begin
    insert into jobcenter.tasks (workflow_id, task_id, kind, line, next_task_id, on_error_task_id, attributes)
    select new_id, (t.value ->> 'id')::integer, t.value ->> 'kind', (t.value ->> 'line')::integer, (t.value ->> 'next')::integer,
           (t.value ->> 'on_error')::integer, t.value - array['id', 'kind', 'line', 'next', 'on_error', 'edges']
    from jsonb_array_elements(program -> 'tasks') t;
    insert into jobcenter.next_tasks (workflow_id, from_task_id, to_task_id, when_result)
    select new_id, (t.value ->> 'id')::integer, e.value::integer, e.key
    from jsonb_array_elements(program -> 'tasks') t, jsonb_each(t.value -> 'edges') e;
    insert into jobcenter.locktypes (locktype)
    select l.value ->> 'type' from jsonb_array_elements(program -> 'locks') l on conflict do nothing;
    insert into jobcenter.modules (workflow_id, source, source_path, program, python, bytecode, magic, source_map)
    values (new_id, content ->> 'source', content ->> 'path', program, module ->> 'python', decode(module ->> 'bytecode', 'hex'),
            decode(module ->> 'magic', 'hex'), module -> 'source_map');
end
$$;
