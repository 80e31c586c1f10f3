-- What could not be done with an event at once is done soon.
select l.job_id, format('event %s was left at %s', l.event_id, l.since::timestamptz(0)) as detail
from jobcenter.events_left l
where l.since < now() - interval '1 minute'
