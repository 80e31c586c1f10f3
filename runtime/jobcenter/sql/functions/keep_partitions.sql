-- The weeks of job_log and jobs_archive: this one and the next are made, those older than `retention` are dropped. A week that cannot be made or
-- dropped just now (its table is in use, or the default partition has rows of it) is left for the next time.
create or replace function jobcenter.keep_partitions() returns void
language plpgsql set timezone = 'UTC' set lock_timeout = '1s'
as $$
declare
    part record;
    oldest timestamptz := now() - jobcenter.setting('retention')::interval;
begin
    for part in
        select parent, week, format('%s_%s', parent, to_char(week, 'YYYYMMDD')) as name
        from unnest(array['job_log', 'jobs_archive']) parent,
             lateral (select date_trunc('week', now()) + n * interval '7 days' from generate_series(0, 1) n) w (week)
    loop
        if to_regclass(format('jobcenter.%I', part.name)) is null then
            begin
                execute format('create table jobcenter.%I partition of jobcenter.%I for values from (%L) to (%L)',
                               part.name, part.parent, part.week, part.week + interval '7 days');
            exception when check_violation or lock_not_available then
                raise log 'partition % is left for later: %', part.name, sqlerrm;
            end;
        end if;
    end loop;
    for part in
        select c.relname as name from pg_catalog.pg_class c
        where c.relnamespace = 'jobcenter'::regnamespace and c.relispartition and c.relname ~ '^(job_log|jobs_archive)_[0-9]{8}$'
          and c.relkind = 'r' and to_date(right(c.relname, 8), 'YYYYMMDD') + interval '7 days' < oldest
    loop
        begin
            execute format('drop table jobcenter.%I', part.name);
        exception when lock_not_available then
            raise log 'partition % is dropped later', part.name;
        end;
    end loop;
    delete from jobcenter.job_log_default l where l.logged < oldest;
    delete from jobcenter.jobs_archive_default j where j.job_finished < oldest;
    delete from jobcenter.job_keys k
    where k.created < oldest and not exists (select from jobcenter.jobs j where j.job_id = k.job_id);
end
$$;
