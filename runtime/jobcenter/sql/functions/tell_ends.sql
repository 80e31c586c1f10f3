-- Tells the ends of jobs: each on its own channel, for those who wait for many all on one, a few hundred at a time, and to the callers of the
-- `awaited` ones, with the output where a notification can hold it. `awaited` is null, or an array of objects with `caller`, `job`, `output`.
create or replace function jobcenter.tell_ends(ended bigint[], awaited jsonb) returns void
language plpgsql
as $$
begin
    perform pg_notify(told.channel, told.payload)
    from (
        -- First: who hears both need not look.
        select 'caller:' || (a.one ->> 'caller'), case when octet_length(a.told) < 8000 then a.told else a.one ->> 'job' end
        from (select one, concat_ws(' ', one ->> 'job', one ->> 'output') as told from jsonb_array_elements(awaited) as one) as a
        union all
        select 'job:' || job_id || ':finished', '' from unnest(ended) as job_id
        union all
        select 'jobs:ended', string_agg(job_id::text, ',') from unnest(ended) with ordinality as e (job_id, n) group by (n - 1) / 400
    ) as told (channel, payload);
end
$$;
