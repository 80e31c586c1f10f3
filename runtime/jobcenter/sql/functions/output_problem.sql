-- What is wrong with the outputs of an action: one sentence, null where nothing is. Outputs that are not declared pass.
create or replace function jobcenter.output_problem(action_id integer, outs jsonb) returns text
language plpgsql stable
as $$
declare
    output record;
    problem text;
begin
    if jsonb_typeof(outs) <> 'object' then
        return format('the output arguments have wrong type %s (should be object)', jsonb_typeof(outs));
    end if;
    for output in
        select o.name, o.type, o.optional from jobcenter.action_outputs o
        where o.action_id = output_problem.action_id order by o.position
    loop
        if outs ? output.name then
            problem := jobcenter.type_problem(output.type, outs -> output.name);
            if problem is not null then
                return format('output argument "%s" %s', output.name, problem);
            end if;
        elsif not output.optional then
            return format('required output argument "%s" not found', output.name);
        end if;
    end loop;
    return null;
end
$$;
