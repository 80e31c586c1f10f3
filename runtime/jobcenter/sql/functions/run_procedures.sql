-- Maestro: runs database functions that workflows call (an array of {job, callee, in, attempt}). Gives each job its answer; a procedure that fails
-- has changed nothing, and its message is its job's error. A procedure `name` is the function name(jsonb) in schema jobcenter or public.
-- A deadlock or the like has to do with who else was at work: that is a soft error with the effect to be carried out `again`, in the next batch and
-- not here, since what else this transaction holds may be a part of it.
create or replace function jobcenter.run_procedures(procedures json) returns jsonb
language plpgsql
set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    answers jsonb := '{}';
    called record;
    answer jsonb;
    problem text;
    attempts constant integer := 5;
begin
    for called in
        select p.job, p.callee, coalesce(p.attempt, 1) as attempt, a.signature, a.input_defaults || coalesce(p."in", '{}') as arguments,
               jobcenter.procedure_named(p.callee) as routine
        from json_to_recordset(procedures) as p (job bigint, callee text, "in" jsonb, attempt integer)
        join jobs j on j.job_id = p.job
        left join callees b on b.workflow_id = j.workflow_id and b.name = p.callee
        left join actions a on a.action_id = b.action_id
        order by p.job
    loop
        begin
            if called.routine is null then
                raise exception 'procedure % is not there (schema jobcenter or public, one argument of type jsonb)', called.callee;
            end if;
            problem := jobcenter.signature_problem('input', called.signature -> 'inputs', called.arguments);
            if problem is null then
                execute format('select %s($1)', called.routine) into answer using called.arguments;
                answer := coalesce(answer, '{}');
                if nullif(answer -> 'error', 'null') is null then
                    problem := jobcenter.signature_problem('output', called.signature -> 'outputs', answer);
                else
                    answer := jobcenter.checked_answer(called.signature -> 'outputs', answer);
                end if;
            end if;
            if problem is not null then
                raise exception '%', problem using errcode = 'JC004';
            end if;
            answers := answers || jsonb_build_object(called.job, answer);
        exception
            when transaction_rollback then
                answers := answers || jsonb_build_object(called.job, case
                    when called.attempt < attempts then jsonb_build_object('error', jsonb_build_object(
                        'class', 'soft', 'msg', sqlerrm, 'again', jsonb_build_object('callee', called.callee, 'attempt', called.attempt + 1)))
                    else jobcenter.error_answer('normal', format('procedure %s has been tried %s times: %s', called.callee, attempts, sqlerrm))
                    end);
            when others then
                answers := answers || jsonb_build_object(
                    called.job, jobcenter.error_answer(case when sqlstate = 'JC004' then 'type' else 'normal' end, sqlerrm));
        end;
    end loop;
    return answers;
end
$$;
