-- Whether an error is what a job is told when it is aborted with others (abort_children; `_abort_error` of the engine), and not that of a cancel of its
-- own, after which it may have gone on.
create or replace function jobcenter.is_abort(error json) returns boolean
language sql immutable
return error ->> 'class' = 'abort' and error ->> 'msg' like 'the job was aborted%';
