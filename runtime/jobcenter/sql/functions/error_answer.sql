-- The answer that is an error: `{"error": {"class", "msg"}}`.
create or replace function jobcenter.error_answer(class text, msg text) returns jsonb
language sql immutable
return jsonb_build_object('error', jsonb_build_object('class', class, 'msg', msg));
