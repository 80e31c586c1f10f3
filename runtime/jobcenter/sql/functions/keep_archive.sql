-- Maestro: what is to be done every few seconds, by whichever Maestro comes first: ended jobs are archived, what is too old is dropped. That
-- may take a while: nobody is to wait meanwhile for what `keep_house` has done.
create or replace function jobcenter.keep_archive() returns void
language plpgsql security definer
set search_path = jobcenter, pg_catalog, pg_temp
as $$
begin
    if pg_try_advisory_xact_lock(hashtext('jobcenter.keep_archive')) then
        perform jobcenter.archive_jobs(100000);
        perform jobcenter.keep_partitions();
    end if;
end
$$;
