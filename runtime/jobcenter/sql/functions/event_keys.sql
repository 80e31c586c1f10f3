-- The keys of an event or a mask: a hash for each scalar in it with the path to it (elements of an array share one path), and 0, which
-- all have. A mask that an event contains has no key that the event lacks.
create or replace function jobcenter.event_keys(value jsonb) returns bigint[]
language sql immutable
as $$
    with recursive part (path, value) as (
        select '', event_keys.value
        union all
        select p.path || e.step, e.value
        from part p,
             lateral (select '.' || to_json(o.key) as step, o.value
                      from jsonb_each(case jsonb_typeof(p.value) when 'object' then p.value end) o
                      union all
                      select '[]', a.value
                      from jsonb_array_elements(case jsonb_typeof(p.value) when 'array' then p.value end) a (value)) e
    )
    select array_agg(distinct hashtextextended(
        p.path || '=' || case jsonb_typeof(p.value) when 'number' then trim_scale(p.value::numeric)::text else p.value::text end, 0)) || 0::bigint
    from part p where jsonb_typeof(p.value) not in ('object', 'array');
$$;
