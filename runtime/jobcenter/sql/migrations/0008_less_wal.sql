-- What a call writes to the log of Postgres, made less: the columns of `jobs` stand so that an update touches neighbours, and the start step of a
-- job has no row of the step log to itself.
--
-- An update that stays on its page logs what lies between the first and the last byte that differ. So what never changes stands at both ends, and
-- what changes together stands together: what a Maestro writes as it goes on, then what a worker's claim writes, then the state, which
-- everybody writes, then what an answer writes, then what the end writes.
alter table jobs rename to jobs_before;
alter sequence jobs_job_id_seq rename to jobs_before_job_id_seq;
alter index jobs_pkey rename to jobs_before_pkey;

create table jobs (
    job_id bigint generated always as identity,
    root_id bigint not null,
    parentjob_id bigint,
    job_created timestamptz not null default now(),
    workflow_id integer not null,
    parenttask_id integer,
    child_index integer,
    current_depth smallint not null default 0,
    tries smallint not null default 0,
    detached boolean not null default false,
    aborted boolean not null default false,
    -- The start step is done and its row of the step log is not written: it goes with the next one.
    start_unlogged boolean not null default false,
    task_id integer not null,
    stepcounter integer not null default 0,
    queue_id integer,
    task_entered timestamptz not null default now(),
    in_args jsonb,
    cookie uuid,
    worker_id bigint,
    task_started timestamptz,
    timeout timestamptz,
    state job_state not null,
    task_completed timestamptz,
    out_args jsonb,
    job_finished timestamptz,
    variables jsonb not null default '{}',
    environment jsonb not null default '{}',
    abort_error jsonb,
    arguments jsonb not null default '{}'
) with (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

insert into jobs (job_id, root_id, parentjob_id, job_created, workflow_id, parenttask_id, child_index, current_depth, detached, aborted, task_id,
                  stepcounter, queue_id, tries, task_entered, in_args, cookie, worker_id, task_started, timeout, state, task_completed, out_args,
                  job_finished, variables, environment, abort_error, arguments)
overriding system value
select job_id, root_id, parentjob_id, job_created, workflow_id, parenttask_id, child_index, current_depth, detached, aborted, task_id,
       stepcounter, queue_id, tries, task_entered, in_args, cookie, worker_id, task_started, timeout, state, task_completed, out_args,
       job_finished, variables, environment, abort_error, arguments
from jobs_before;
select setval('jobs_job_id_seq', last_value, is_called) from jobs_before_job_id_seq;
drop table jobs_before;

alter table jobs add primary key (job_id);
create index jobs_done on jobs (job_id) where state in ('done', 'plotting');
create index jobs_ready on jobs (queue_id, job_id) where state = 'ready';
create index jobs_retried on jobs (queue_id, job_id) where state = 'ready' and out_args is not null;
create index jobs_working on jobs (worker_id) where state = 'working';
create index jobs_due on jobs (timeout) where timeout is not null;
create index jobs_children on jobs (parentjob_id, state) where parentjob_id is not null;
create index jobs_ended on jobs (workflow_id, job_finished) where state in ('finished', 'error');

-- Set in a job's first row of the step log where that does not tell of the start step: it was entered then, and done when the first of `steps`
-- was entered (`task_entered`).
alter table job_log add column job_created timestamptz;

create or replace view job_task_log as
select l.job_log_id, s.position as step, l.job_id, l.workflow_id, (s.step ->> 'task')::integer as task_id,
       case when s.position = 1 then l.worker_id end as worker_id,
       case when s.position = 1 then l.task_entered else l.logged end as task_entered,
       case when s.position = 1 then l.task_started end as task_started,
       case when s.position = 1 then l.task_completed else l.logged end as task_completed,
       s.step -> 'vars' as variables, s.step -> 'in' as task_inargs, s.step -> 'out' as task_outargs,
       s.step -> 'error' as task_error
from job_log l, json_array_elements(l.steps) with ordinality as s (step, position)
union all
select l.job_log_id, 0, l.job_id, l.workflow_id, w.start_task_id, null, l.job_created, null, l.task_entered, null, null, null, null
from job_log l join actions w on w.action_id = l.workflow_id where l.job_created is not null
union all
select null, 0, j.job_id, j.workflow_id, w.start_task_id, null, j.job_created, null, j.task_entered, null, null, null, null
from jobs j join actions w on w.action_id = j.workflow_id where j.start_unlogged;
