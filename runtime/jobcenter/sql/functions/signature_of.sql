-- What a compiled definition declares, as `actions.signature` holds it: `inputs` and `outputs`, each a list of {"name", "type", "optional"} in their
-- order; `environment`, the default of each value that workers are handed of a job's environment, missing where there are none. An input
-- that has a default is optional.
create or replace function jobcenter.signature_of(content jsonb) returns jsonb
language sql immutable
as $$
    select jsonb_build_object(
        'inputs', (select coalesce(jsonb_agg(jsonb_build_object('name', i.value -> 'name', 'type', i.value -> 'type',
                                                                'optional', i.value -> 'has_default') order by i.position), '[]')
                   from jsonb_array_elements(content -> 'inputs') with ordinality i (value, position)),
        'outputs', (select coalesce(jsonb_agg(jsonb_build_object('name', o.value -> 'name', 'type', o.value -> 'type',
                                                                 'optional', o.value -> 'optional') order by o.position), '[]')
                    from jsonb_array_elements(content -> 'outputs') with ordinality o (value, position)))
        || coalesce((select jsonb_build_object('environment', jsonb_object_agg(i.value ->> 'name', i.value -> 'default'))
                     from jsonb_array_elements(content -> 'environment') i having count(*) > 0), '{}');
$$;
