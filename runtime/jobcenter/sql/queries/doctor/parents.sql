-- A child that has not ended has a parent that waits for it, unless it is detached or the parent was ended by force.
select c.job_id, format('%s, but its parent %s %s', c.state, c.parentjob_id, coalesce('is ' || p.state, 'is not there')) as detail
from jobcenter.jobs c
left join lateral (
    select j.state, j.out_args from jobcenter.jobs j where j.job_id = c.parentjob_id
    union all
    select j.state, j.out_args from jobcenter.jobs_archive j where j.job_id = c.parentjob_id
) as p on true
where c.parentjob_id is not null and not c.detached and c.state not in ('finished', 'error')
  and p.state is distinct from 'childwait'
  and (c.state = 'zombie' or p.out_args -> 'error' ->> 'class' is distinct from 'fatal')
