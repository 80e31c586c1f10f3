-- Maestro: events that jobs raise (an array of {job, event}). Answers each with the number of subscriptions that it was for.
create or replace function jobcenter.send_events(sent json) returns jsonb
language sql
as $$
    select jsonb_object_agg(s.job, jsonb_build_object('subscriptions', jobcenter.deliver_event(s.event)))
    from json_to_recordset(sent) as s (job bigint, event jsonb);
$$;
