-- How long an action waits before it is tried again, by its policy `{"tries": n, "interval": "…"}` and the number of its failures so
-- far; null where it is not tried again. n counts all attempts; less than 0, or more than the failures that are counted (32767), is for ever.
create or replace function jobcenter.retry_delay(policy jsonb, failures integer) returns interval
language sql stable
as $$
    select case when (policy ->> 'tries')::numeric < 0 or failures < (policy ->> 'tries')::numeric
        then least(coalesce(jobcenter.seconds_or_interval(policy ->> 'interval'), interval '1 minute') * sqrt(failures), interval '1000 years') end;
$$;
