-- What is recorded of a worker's answer: the answer itself, or an error of class `type` where the outputs are not as `declared`.
-- An answer with a member `error` that is not null is an error: an object `{"class", "msg", …}`, or whatever else as its message. What else a
-- soft error says of its being tried again is not the worker's to say.
create or replace function jobcenter.checked_answer(declared jsonb, answer jsonb) returns jsonb
language plpgsql stable
as $$
declare
    error jsonb := nullif(answer -> 'error', 'null');
    problem text;
begin
    if error is not null then
        if jsonb_typeof(error) <> 'object' then
            error := jsonb_build_object('msg', error #>> '{}');
        end if;
        error := error || jsonb_build_object('class', coalesce(error ->> 'class', 'normal'));
        if error ->> 'class' = 'soft' then
            error := error - array['retry', 'tries', 'alone', 'again'];
        end if;
        return jsonb_build_object('error', error);
    end if;
    problem := jobcenter.signature_problem('output', declared, answer);
    if problem is not null then
        return jobcenter.error_answer('type', problem);
    end if;
    return answer;
end
$$;
