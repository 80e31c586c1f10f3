-- This transaction's commit does not wait until it is on disk: a crash of the server may undo it, with all that was committed after it. For
-- what may be done again. Where the operator has chosen how far commits go (to a standby, say), that stands.
create or replace function jobcenter.commit_unwaited() returns void
language plpgsql
as $$
begin
    if current_setting('synchronous_commit') = 'on' then
        perform set_config('synchronous_commit', 'off', true);
    end if;
end
$$;
