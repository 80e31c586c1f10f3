-- Whether a worker's filter lets the inputs of a task pass: each of its members must be equal, or be one of an array.
create or replace function jobcenter.passes_filter(in_args jsonb, filter jsonb) returns boolean
language sql immutable
as $$
    select not exists (
        select from jsonb_each(filter) f
        where not coalesce(f.value = in_args -> f.key or in_args -> f.key in (
            select e.value from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) e), false)
    );
$$;
