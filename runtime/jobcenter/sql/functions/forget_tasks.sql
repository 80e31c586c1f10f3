-- Tasks that a living worker has and does not work at: it came back without them after its connection was lost. As when it was gone.
create or replace function jobcenter.forget_tasks(cookies text[]) returns void
language plpgsql security definer set search_path = jobcenter, pg_catalog, pg_temp
as $$
declare
    tasks bigint[];
begin
    tasks := array(
        select j.job_id from jobcenter.jobs j
        where j.job_id in (select jobcenter.job_of_cookie(c.cookie) from unnest(cookies) c (cookie))
          and j.state::text = 'working' and j.cookie::text = any (cookies)
        order by j.job_id for update);
    perform jobcenter.lose_tasks(tasks, jobcenter.setting('worker_timeout')::interval);
end
$$;
