-- The children of an archived job, for its tree.
create index jobs_archive_children on jobs_archive (parentjob_id) where parentjob_id is not null;
-- The versions of an action, and whether one of them is disabled: asked at each claim.
create index actions_queue on actions (queue_id, disabled);
-- Housekeeping reads the settings: what it could not use would stop it.
alter table settings add constraint settings_usable check (
    case when name = 'lost_worker_tries' then value::integer is not null else value::interval >= '0' end
);
