-- What a version declares, in its own row: arguments, answers and environments are checked and made with each call, and for that no rows
-- of other tables need be looked for. The tables action_inputs and action_outputs are for people, and say the same.
alter table actions add column signature jsonb not null default '{"inputs": [], "outputs": []}';
update actions a set signature = jsonb_build_object(
    'inputs', (select coalesce(jsonb_agg(jsonb_build_object('name', i.name, 'type', i.type, 'optional', i.optional) order by i.position), '[]')
               from action_inputs i where i.action_id = a.action_id and i.destination = 'arguments'),
    'outputs', (select coalesce(jsonb_agg(jsonb_build_object('name', o.name, 'type', o.type, 'optional', o.optional) order by o.position), '[]')
                from action_outputs o where o.action_id = a.action_id))
    || coalesce((select jsonb_build_object('environment', jsonb_object_agg(i.name, i."default"))
                 from action_inputs i where i.action_id = a.action_id and i.destination = 'environment' having count(*) > 0), '{}');
