-- Whether a worker's filter lets the inputs of a task pass: each of its members must be equal, or be one of an array.
create or replace function jobcenter.passes_filter(in_args jsonb, filter jsonb) returns boolean
language sql immutable
as $$
    select not exists (
        select from jsonb_each(filter) f
        where not coalesce(f.value = in_args -> f.key or jsonb_typeof(f.value) = 'array' and f.value @> (in_args -> f.key), false)
    );
$$;
