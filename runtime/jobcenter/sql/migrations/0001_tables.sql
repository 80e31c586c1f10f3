-- The tables. Names are the predecessor's where they mean the same. Everything lives in schema `jobcenter`.
create schema jobcenter;
set local search_path = jobcenter, pg_catalog, pg_temp;

-- What has been applied to this database: the numbered files, and the functions that stand beside them.
create table migrations (
    version integer primary key,
    name text not null,
    hash text not null,
    applied timestamptz not null default now()
);
create table applied_functions (name text primary key, hash text not null);

create type action_type as enum ('system', 'action', 'procedure', 'workflow');
create type job_state as enum (
    'ready', 'working', 'eventwait', 'childwait', 'lockwait', 'sleeping', 'retrywait',
    'done', 'plotting', 'zombie', 'finished', 'error'
);

create table jc_roles (rolename text primary key);
create table jc_role_members (
    rolename text not null references jc_roles,
    member_of text not null references jc_roles,
    primary key (rolename, member_of)
);
create table jc_impersonate_roles (
    rolename text not null,
    impersonates text not null references jc_roles,
    primary key (rolename, impersonates)
);

-- Workflows, actions, procedures: one row a version. `queue_id` is the action_id of the name's first version:
-- workers serve a name, so all versions of it share one queue and one channel, and none is stranded by a new one.
-- `start_task_id` (of a workflow) and `input_defaults` are what creating a job needs of `tasks` and `action_inputs`.
create table actions (
    action_id integer generated always as identity primary key,
    queue_id integer not null references actions,
    name text not null,
    type action_type not null,
    version integer not null,
    start_task_id integer,
    input_defaults jsonb not null default '{}',
    wfenv jsonb,
    config jsonb not null default '{}',
    interface text,
    doc text not null default '',
    source_hash text not null,
    disabled boolean not null default false,
    created timestamptz not null default now(),
    unique (name, type, version)
);

-- Who may create the job, or announce the action: members of any of these; everybody where there are none.
create table action_roles (
    action_id integer not null references actions on delete cascade,
    rolename text not null references jc_roles,
    primary key (action_id, rolename)
);

create table action_inputs (
    action_id integer not null references actions on delete cascade,
    position smallint not null,
    name text not null,
    type text not null,
    optional boolean not null,
    "default" jsonb,
    destination text not null default 'arguments' check (destination in ('arguments', 'environment')),
    primary key (action_id, destination, name)
);

create table action_outputs (
    action_id integer not null references actions on delete cascade,
    position smallint not null,
    name text not null,
    type text not null,
    optional boolean not null,
    primary key (action_id, name)
);

create table version_tags (tag text primary key);
create table action_version_tags (
    action_id integer not null references actions on delete cascade,
    tag text not null references version_tags,
    primary key (action_id, tag)
);

create table json_schemas (type text primary key, base boolean not null default false, schema jsonb not null);

-- What a workflow version calls: names bound to versions when it was deployed.
create table callees (
    workflow_id integer not null references actions on delete cascade,
    name text not null,
    action_id integer not null references actions,
    queue_id integer not null references actions,
    primary key (workflow_id, name)
);

-- The task graph as rows, for people and for the SQL API; the engine walks `modules.program`. Ids count from 1 in each workflow.
create table tasks (
    workflow_id integer not null references actions on delete cascade,
    task_id integer not null,
    kind text not null,
    action_id integer references actions,
    line integer not null,
    next_task_id integer,
    on_error_task_id integer,
    attributes jsonb not null default '{}',
    primary key (workflow_id, task_id)
);

create table next_tasks (
    workflow_id integer not null,
    from_task_id integer not null,
    to_task_id integer not null,
    when_result text not null,
    primary key (workflow_id, from_task_id, when_result),
    foreign key (workflow_id, from_task_id) references tasks on delete cascade,
    foreign key (workflow_id, to_task_id) references tasks on delete cascade
);

-- One row a workflow version: all that an executor needs, and the source it came from.
create table modules (
    workflow_id integer primary key references actions on delete cascade,
    source text not null,
    source_path text not null,
    program jsonb not null,
    python text not null,
    bytecode bytea not null,
    magic bytea not null,
    source_map jsonb not null
);

create table workers (
    worker_id bigint generated always as identity primary key,
    name text not null,
    rolename text,
    last_ping timestamptz not null default now(),
    started timestamptz not null default now(),
    stopped timestamptz
);
create unique index workers_alive on workers (name) where stopped is null;

create table worker_actions (
    worker_id bigint not null references workers on delete cascade,
    queue_id integer not null references actions,
    filter jsonb,
    primary key (worker_id, queue_id)
);

-- The jobs. A row says all that is true of a job now. `out_args` is what woke a job in state `done` (the answer of a worker,
-- the outputs of children, an error …) and, when it has finished, its output. `root_id` is the job at the top of its tree.
-- What is set in which state: `queue_id`, `in_args` in ready and working; `cookie`, `worker_id` in working; `timeout` where something is due.
-- `cookie` ends in the job's number, so it is found by the primary key. It stays when its answer is recorded (a second answer is
-- told that it is a duplicate), and goes with a timeout, a retry or an abort (a later answer is told that it is late).
--
-- An update that stays on its page logs what lies between the first and the last byte that differ: so what never changes stands at both ends.
create table jobs (
    job_id bigint generated always as identity primary key,
    root_id bigint not null,
    parentjob_id bigint,
    job_created timestamptz not null default now(),
    workflow_id integer not null,
    parenttask_id integer,
    child_index integer,
    current_depth smallint not null default 0,
    detached boolean not null default false,
    aborted boolean not null default false,
    task_id integer not null,
    state job_state not null,
    queue_id integer,
    stepcounter integer not null default 0,
    tries smallint not null default 0,
    worker_id bigint,
    timeout timestamptz,
    task_entered timestamptz not null default now(),
    task_started timestamptz,
    task_completed timestamptz,
    job_finished timestamptz,
    cookie uuid,
    in_args jsonb,
    out_args jsonb,
    variables jsonb not null default '{}',
    environment jsonb not null default '{}',
    arguments jsonb not null default '{}'
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

create index jobs_done on jobs (job_id) where state in ('done', 'plotting');
create index jobs_ready on jobs (queue_id, job_id) where state = 'ready';
create index jobs_working on jobs (worker_id) where state = 'working';
create index jobs_due on jobs (timeout) where timeout is not null;
create index jobs_children on jobs (parentjob_id, state) where parentjob_id is not null;

create index jobs_ended on jobs (job_finished) where state in ('finished', 'error');

-- Ended jobs, some time after their end, and the step log: by the week, so that what is too old is dropped and not deleted. `keep_partitions`
-- makes the weeks ahead; what finds no week is in the default partition.
create table jobs_archive (like jobs including defaults) partition by range (job_finished);
create index jobs_archive_job on jobs_archive (job_id);
create index jobs_archive_ended on jobs_archive using brin (job_finished);
create table jobs_archive_default partition of jobs_archive default;

-- The step log as it is written: one row for each run of steps between two waits. `steps` is an array, in the order the steps ran, of
-- {"task": id, "vars": {changed}, "in": …, "out": …, "error": …}, absent keys meaning none.
create table job_log (
    job_log_id bigserial,
    job_id bigint not null,
    workflow_id integer not null,
    worker_id bigint,
    task_entered timestamptz not null,
    task_started timestamptz,
    task_completed timestamptz not null,
    logged timestamptz not null default now(),
    steps json not null
) partition by range (logged);
-- Rows of a job lie close together: such an index costs next to nothing when they are written, which is always, and a few milliseconds when
-- they are read, which is rare.
create index job_log_job on job_log using brin (job_id int8_minmax_multi_ops) with (pages_per_range = 32, autosummarize = on);
create table job_log_default partition of job_log default;

-- The step log as people read it: one row a step.
create view job_task_log as
select l.job_log_id, s.position as step, l.job_id, l.workflow_id, (s.step ->> 'task')::integer as task_id,
       case when s.position = 1 then l.worker_id end as worker_id,
       case when s.position = 1 then l.task_entered else l.logged end as task_entered,
       case when s.position = 1 then l.task_started end as task_started,
       case when s.position = 1 then l.task_completed else l.logged end as task_completed,
       s.step -> 'vars' as variables, s.step -> 'in' as task_inargs, s.step -> 'out' as task_outargs,
       s.step -> 'error' as task_error
from job_log l, json_array_elements(l.steps) with ordinality as s (step, position);
