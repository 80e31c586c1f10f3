-- What is recorded of a worker's answer: the answer itself, or an error of class `type` where the outputs are not as declared.
-- An answer with a member `error` that is not null is an error: an object `{"class", "msg", …}`, or whatever else as its message.
create or replace function jobcenter.checked_answer(action_id integer, answer jsonb) returns jsonb
language plpgsql stable
as $$
declare
    error jsonb := nullif(answer -> 'error', 'null');
    problem text;
begin
    if error is not null then
        return jsonb_build_object('error', jsonb_build_object('class', 'normal') ||
            case jsonb_typeof(error) when 'object' then error else jsonb_build_object('msg', error #>> '{}') end);
    end if;
    problem := jobcenter.output_problem(action_id, answer);
    if problem is not null then
        return jobcenter.error_answer('type', problem);
    end if;
    return answer;
end
$$;
