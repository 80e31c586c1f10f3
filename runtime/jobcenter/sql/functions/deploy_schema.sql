-- Makes a JSON schema known as a type, or changes it. Errors: JC004, a name that is a base type's, or what is no schema.
create or replace function jobcenter.deploy_schema(name text, schema jsonb) returns void
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    if name in ('number', 'integer', 'string', 'boolean', 'null', 'array', 'object', 'any', 'json') then
        raise exception '% is a base type: a JSON schema needs another name', name using errcode = 'JC004';
    end if;
    if jsonb_typeof(schema) is null or jsonb_typeof(schema) not in ('object', 'boolean') then
        raise exception 'the schema % has wrong type % (should be object)', name, coalesce(jsonb_typeof(schema), 'null') using errcode = 'JC004';
    end if;
    insert into jobcenter.json_schemas as s (type, schema) values (deploy_schema.name, deploy_schema.schema)
    on conflict (type) do update set schema = excluded.schema where s.schema is distinct from excluded.schema;
end
$$;
