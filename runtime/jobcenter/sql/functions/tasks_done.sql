-- Many answers at once; `outs` is an array in step with `cookies`, each member as in task_done, or `{"error": {"class", "msg"}}`.
-- Gives a receipt for each, in that order: `recorded`; `duplicate` (it was recorded before); `late` (after a timeout, a retry, a
-- cancel, or not a cookie at all: nothing was changed). Errors: JC004, the two are not in step.
create or replace function jobcenter.tasks_done(cookies text[], outs jsonb) returns table (o_job_cookie text, o_receipt text)
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    recorded bigint[];
begin
    if jsonb_typeof(outs) is distinct from 'array' then
        raise exception 'the list of answers has wrong type % (should be array)', coalesce(jsonb_typeof(outs), 'null') using errcode = 'JC004';
    elsif jsonb_array_length(outs) <> coalesce(cardinality(cookies), 0) then
        raise exception '% cookies, but % answers', coalesce(cardinality(cookies), 0), jsonb_array_length(outs) using errcode = 'JC004';
    end if;
    recorded := jobcenter.record_answers(cookies, outs);
    if cardinality(recorded) = cardinality(cookies) then
        o_receipt := 'recorded';
        foreach o_job_cookie in array cookies loop
            return next;
        end loop;
        return;
    end if;
    return query
    select c.cookie,
           case when r.position is not null then 'recorded'
                when exists (select from jobcenter.jobs j
                             where j.job_id = jobcenter.job_of_cookie(c.cookie) and j.cookie::text = lower(c.cookie))
                  or exists (select from jobcenter.jobs_archive j
                             where j.job_id = jobcenter.job_of_cookie(c.cookie) and j.cookie::text = lower(c.cookie))
                then 'duplicate' else 'late' end
    from unnest(cookies) with ordinality c (cookie, position) left join unnest(recorded) r (position) using (position)
    order by c.position;
end
$$;
