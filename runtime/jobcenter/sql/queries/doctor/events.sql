-- A job that waits for events has subscribed to them or has a time at which it gives up, and none of them is kept for it.
select j.job_id, case when e.kept then format('waits for %s, which is kept for it', n.name)
                      else format('waits for %s, to which it has not subscribed', coalesce(n.name, 'nothing')) end as detail
from jobcenter.jobs j
left join lateral jsonb_array_elements_text(j.in_args -> 'events') n (name) on true
left join jobcenter.event_subscriptions s on s.job_id = j.job_id and s.name = n.name
cross join lateral (select exists (select from jobcenter.job_events k where k.subscription_id = s.subscription_id) as kept) e
where j.state = 'eventwait' and (e.kept or s.subscription_id is null and j.timeout is null)
