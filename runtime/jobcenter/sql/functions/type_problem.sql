-- What is wrong with a value for a type, as the end of a sentence ("has wrong type string (should be number)"); null where it fits.
-- Types: the base types, `any` and `json`, `T[]`, `T?`, and the names of JSON schemas (table json_schemas). A null fits every type.
create or replace function jobcenter.type_problem(type text, value jsonb) returns text
language plpgsql stable
as $$
declare
    actual text := jsonb_typeof(value);
    element record;
    schema jsonb;
    problem text;
begin
    if value is null or actual = 'null' or actual = type or type in ('any', 'json') then
        return null;
    end if;
    if type = 'integer' and actual = 'number' then
        if value::numeric = trunc(value::numeric) then
            return null;
        end if;
    elsif right(type, 1) = '?' then
        return jobcenter.type_problem(left(type, -1), value);
    elsif right(type, 2) = '[]' and actual = 'array' then
        for element in select e.value, e.position from jsonb_array_elements(value) with ordinality e (value, position) loop
            problem := jobcenter.type_problem(left(type, -2), element.value);
            if problem is not null then
                return format('%s at [%s]', problem, element.position - 1);
            end if;
        end loop;
        return null;
    elsif right(type, 2) <> '[]' and type not in ('number', 'integer', 'string', 'boolean', 'null', 'array', 'object') then
        select s.schema into schema from jobcenter.json_schemas s where s.type = type_problem.type;
        if not found then
            return format('has unknown type %s', type);
        end if;
        return jobcenter.schema_problem(schema, value, schema, '');
    end if;
    return format('has wrong type %s (should be %s)', actual, type);
end
$$;
