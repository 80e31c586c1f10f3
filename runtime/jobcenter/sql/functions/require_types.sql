-- Refuses a definition with a type that is neither a base type nor the name of a JSON schema. Errors: JC004.
create or replace function jobcenter.require_types(content jsonb) returns void
language plpgsql stable
as $$
declare
    unknown record;
begin
    select d.value ->> 'name' as name, t.type into unknown
    from jsonb_array_elements(content -> 'inputs' || (content -> 'outputs') || (content -> 'environment')) d,
         lateral (select regexp_replace(d.value ->> 'type', '(\[\]|\?)+$', '')) t (type)
    where t.type not in ('number', 'integer', 'string', 'boolean', 'null', 'array', 'object', 'any', 'json')
      and not exists (select from jobcenter.json_schemas s where s.type = t.type)
    limit 1;
    if found then
        raise exception '% %: "%" has type %, and no JSON schema has that name', content ->> 'kind', content ->> 'name', unknown.name, unknown.type
            using errcode = 'JC004';
    end if;
end
$$;
