-- Maestro: subscriptions that jobs give up (an array of {job, name}); what was kept for them is dropped. One that is not there is no error.
create or replace function jobcenter.unsubscribe(given json) returns jsonb
language plpgsql
as $$
declare
    dropped bigint[] := array(
        select e.event_id
        from json_to_recordset(given) as g (job bigint, name text)
        join jobcenter.event_subscriptions s on s.job_id = g.job and s.name = g.name
        join jobcenter.job_events e using (subscription_id));
begin
    delete from jobcenter.event_subscriptions s
    using json_to_recordset(given) as g (job bigint, name text)
    where s.job_id = g.job and s.name = g.name;
    perform jobcenter.drop_events(dropped);
    return '{}';
end
$$;
