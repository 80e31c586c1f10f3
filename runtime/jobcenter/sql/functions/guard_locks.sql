-- Maestro: makes this transaction the only one that takes or frees the locks which these results touch. All at once and in order, so
-- that two Maestros never hold what the other one needs.
create or replace function jobcenter.guard_locks(results json, effects json) returns void
language sql
as $$
    select pg_advisory_xact_lock(touched.key)
    from (select distinct hashtextextended(l.locktype || E'\n' || l.lockvalue, 0) as key
          from (select e.type, e.value
                from json_to_recordset(effects -> 'locks') as e (type text, value text)
                union all
                select e.type, e.value
                from json_to_recordset(effects -> 'unlocks') as e (type text, value text)
                union all
                select h.locktype, h.lockvalue
                from json_to_recordset(results) as r (job bigint, state text)
                join jobcenter.locks h on h.job_id = r.job
                where r.state in ('finished', 'error')) as l (locktype, lockvalue)
          order by key) as touched;
$$;
