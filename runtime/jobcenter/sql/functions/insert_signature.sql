-- A new version's inputs, environment, outputs and roles. Roles that are not there yet are made.
create or replace function jobcenter.insert_signature(new_id integer, content jsonb) returns void
language plpgsql
as $$
begin
    insert into jobcenter.action_inputs (action_id, position, name, type, optional, "default", destination)
    select new_id, i.position, i.value ->> 'name', i.value ->> 'type', (i.value ->> 'has_default')::boolean,
           case when (i.value ->> 'has_default')::boolean then i.value -> 'default' end, part.destination
    from (values ('inputs', 'arguments'), ('environment', 'environment')) part (member, destination),
         jsonb_array_elements(content -> part.member) with ordinality i (value, position);
    insert into jobcenter.action_outputs (action_id, position, name, type, optional)
    select new_id, o.position, o.value ->> 'name', o.value ->> 'type', (o.value ->> 'optional')::boolean
    from jsonb_array_elements(content -> 'outputs') with ordinality o (value, position);
    insert into jobcenter.jc_roles (rolename) select jsonb_array_elements_text(content -> 'roles') on conflict do nothing;
    insert into jobcenter.action_roles (action_id, rolename) select new_id, jsonb_array_elements_text(content -> 'roles');
end
$$;
