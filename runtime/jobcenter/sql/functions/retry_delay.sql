-- How long an action waits before it is tried again, by its policy `{"tries": n, "interval": "…"}` and the number of its failures so
-- far; null where it is not tried again. n counts all attempts; less than 0 is for ever.
create or replace function jobcenter.retry_delay(policy jsonb, failures integer) returns interval
language sql stable
return case when (policy ->> 'tries')::integer < 0 or failures < (policy ->> 'tries')::integer
            then coalesce((policy ->> 'interval')::interval, interval '1 minute') * sqrt(failures) end;
