-- Maestro: subscriptions of jobs (an array of {job, name, mask}). A name that the job has already gets the new mask; what was kept for it stays.
create or replace function jobcenter.subscribe(wanted json) returns jsonb
language sql
as $$
    insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key)
    select w.job, w.name, w.mask, jobcenter.mask_key(w.mask)
    from json_to_recordset(wanted) as w (job bigint, name text, mask jsonb)
    on conflict (job_id, name) do update set mask = excluded.mask, mask_key = excluded.mask_key;
    select '{}'::jsonb;
$$;
