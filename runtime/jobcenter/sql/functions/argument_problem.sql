-- What is wrong with the arguments for a definition: one sentence, null where nothing is. Arguments that are not declared pass.
create or replace function jobcenter.argument_problem(action_id integer, args jsonb) returns text
language plpgsql stable
as $$
declare
    input record;
    problem text;
begin
    if jsonb_typeof(args) <> 'object' then
        return format('the input arguments have wrong type %s (should be object)', jsonb_typeof(args));
    end if;
    for input in
        select i.name, i.type, i.optional from jobcenter.action_inputs i
        where i.action_id = argument_problem.action_id and i.destination = 'arguments' order by i.position
    loop
        if args ? input.name then
            problem := jobcenter.type_problem(input.type, args -> input.name);
            if problem is not null then
                return format('input argument "%s" %s', input.name, problem);
            end if;
        elsif not input.optional then
            return format('required input argument "%s" not found', input.name);
        end if;
    end loop;
    return null;
end
$$;
