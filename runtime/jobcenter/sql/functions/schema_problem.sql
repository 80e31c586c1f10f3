-- What is wrong with a value for a JSON Schema, as the end of a sentence; null where it fits. Knows type, enum, const, properties,
-- required, additionalProperties, items, uniqueItems, anyOf, oneOf, allOf, not, local $ref, pattern (as Postgres reads it), multipleOf and
-- the limits of numbers, strings, arrays and objects; other keywords are not checked. `root` is the whole schema, for $ref; `path` is where the value stands.
create or replace function jobcenter.schema_problem(schema jsonb, value jsonb, root jsonb, path text) returns text
language plpgsql stable
as $$
declare
    actual text := jsonb_typeof(value);
    place text := case when path = '' then '' else ' at ' || path end;
    wanted jsonb := schema -> 'type';
    part record;
    problem text;
    fitting integer;
begin
    if schema = 'true' or schema = '{}' then
        return null;
    elsif schema = 'false' then
        return format('has a value that the schema does not allow%s', place);
    end if;
    if schema ? '$ref' then
        problem := jobcenter.schema_problem(
            coalesce(root #> string_to_array(ltrim(schema ->> '$ref', '#/'), '/'), 'true'), value, root, path);
        if problem is not null then
            return problem;
        end if;
    end if;
    if wanted is not null and not (
        wanted @> to_jsonb(actual)
        or actual = 'number' and wanted @> '"integer"' and value::numeric = trunc(value::numeric)
        or actual = 'null' and schema -> 'nullable' = 'true'
    ) then
        return format('has wrong type %s (should be %s)%s', actual,
                      case jsonb_typeof(wanted) when 'string' then wanted #>> '{}'
                      else (select string_agg(t, ' or ') from jsonb_array_elements_text(wanted) t) end, place);
    end if;
    if schema ? 'enum' and not exists (select from jsonb_array_elements(schema -> 'enum') e (allowed) where e.allowed = value)
       or schema ? 'const' and schema -> 'const' <> value then
        return format('has value %s (should be %s)%s', value, coalesce(schema -> 'const', schema -> 'enum'), place);
    end if;
    case actual
        when 'object' then
            select r.name into problem from jsonb_array_elements_text(schema -> 'required') r (name)
            where not value ? r.name limit 1;
            if found then
                return format('lacks "%s"%s', problem, place);
            end if;
            select count(*) into fitting from jsonb_object_keys(value);
            if fitting not between coalesce((schema ->> 'minProperties')::integer, 0)
               and coalesce((schema ->> 'maxProperties')::integer, 2147483647) then
                return format('has %s members%s', fitting, place);
            end if;
            for part in
                select m.key, m.value as member, coalesce(schema #> array['properties', m.key], schema -> 'additionalProperties') as schema
                from jsonb_each(value) m
            loop
                problem := jobcenter.schema_problem(coalesce(part.schema, 'true'), part.member, root, path || '.' || part.key);
                if problem is not null then
                    return problem;
                end if;
            end loop;
        when 'array' then
            for part in select e.member, e.position - 1 as index from jsonb_array_elements(value) with ordinality e (member, position) loop
                problem := jobcenter.schema_problem(coalesce(schema -> 'items', 'true'), part.member, root, format('%s[%s]', path, part.index));
                if problem is not null then
                    return problem;
                end if;
            end loop;
            if jsonb_array_length(value) not between coalesce((schema ->> 'minItems')::integer, 0)
               and coalesce((schema ->> 'maxItems')::integer, 2147483647) then
                return format('has %s items%s', jsonb_array_length(value), place);
            end if;
            if schema -> 'uniqueItems' = 'true' and exists (
                select from jsonb_array_elements(value) e (member) group by e.member having count(*) > 1
            ) then
                return format('has an item twice%s', place);
            end if;
        when 'string' then
            if length(value #>> '{}') not between coalesce((schema ->> 'minLength')::integer, 0)
               and coalesce((schema ->> 'maxLength')::integer, 2147483647) then
                return format('has length %s%s', length(value #>> '{}'), place);
            end if;
            if value #>> '{}' !~ (schema ->> 'pattern') then
                return format('has value %s, which does not match %s%s', value, schema ->> 'pattern', place);
            end if;
        when 'number' then
            if value::numeric < (schema ->> 'minimum')::numeric or value::numeric <= (schema ->> 'exclusiveMinimum')::numeric
               or value::numeric > (schema ->> 'maximum')::numeric or value::numeric >= (schema ->> 'exclusiveMaximum')::numeric then
                return format('has value %s, which is out of range%s', value, place);
            end if;
            if value::numeric % (schema ->> 'multipleOf')::numeric <> 0 then
                return format('has value %s, which is no multiple of %s%s', value, schema ->> 'multipleOf', place);
            end if;
        else
            null;
    end case;
    for part in select a.member from jsonb_array_elements(schema -> 'allOf') a (member) loop
        problem := jobcenter.schema_problem(part.member, value, root, path);
        if problem is not null then
            return problem;
        end if;
    end loop;
    if schema ? 'anyOf' or schema ? 'oneOf' then
        select count(*) into fitting from jsonb_array_elements(coalesce(schema -> 'anyOf', schema -> 'oneOf')) a (member)
        where jobcenter.schema_problem(a.member, value, root, path) is null;
        if fitting = 0 or fitting > 1 and schema ? 'oneOf' then
            return format('fits %s of the forms%s', case when fitting = 0 then 'none' else 'several' end, place);
        end if;
    end if;
    if schema ? 'not' and jobcenter.schema_problem(schema -> 'not', value, root, path) is null then
        return format('has a value that the schema does not allow%s', place);
    end if;
    return null;
end
$$;
