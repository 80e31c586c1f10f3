-- What is wrong with values for what a definition declares of them (a list in `actions.signature`): one sentence, null where nothing is. `part` is
-- `input` or `output`. What is not declared passes.
create or replace function jobcenter.signature_problem(part text, declared jsonb, given jsonb) returns text
language plpgsql stable
as $$
declare
    argument jsonb;
    value jsonb;
    problem text;
begin
    if jsonb_typeof(given) <> 'object' then
        return format('the %s arguments have wrong type %s (should be object)', part, jsonb_typeof(given));
    end if;
    -- A loop over rows would be a query.
    for place in 0 .. jsonb_array_length(declared) - 1 loop
        argument := declared -> place;
        value := given -> (argument ->> 'name');
        if value is not null then
            problem := jobcenter.type_problem(argument ->> 'type', value);
            if problem is not null then
                return format('%s argument "%s" %s', part, argument ->> 'name', problem);
            end if;
        elsif not (argument -> 'optional')::boolean then
            return format('required %s argument "%s" not found', part, argument ->> 'name');
        end if;
    end loop;
    return null;
end
$$;
