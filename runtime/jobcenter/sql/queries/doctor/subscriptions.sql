-- Every subscription is of a job that has not ended, and every kept event is kept for one.
select s.job_id, format('has subscribed to %s, but %s', s.name, coalesce('is ' || j.state, 'is not there')) as detail
from jobcenter.event_subscriptions s
left join jobcenter.jobs j using (job_id)
where j.job_id is null or j.state in ('zombie', 'finished', 'error')
union all
select null, format('event %s is kept for nobody', q.event_id)
from jobcenter.queued_events q
where not exists (select from jobcenter.job_events e where e.event_id = q.event_id)
  and not exists (select from jobcenter.events_left l where l.event_id = q.event_id)
