-- Maestro: what an executor needs to run jobs of these workflows. `bytecode` is null where another Python than `own_magic` made it:
-- such code would crash the process, so it is not even handed out.
create or replace function jobcenter.modules_for(workflow_ids integer[], own_magic bytea)
returns table (workflow_id integer, program text, outputs text, python text, bytecode bytea)
language sql stable security definer
set search_path = jobcenter, pg_catalog, pg_temp
as $$
select m.workflow_id, m.program::text, a.signature ->> 'outputs', m.python, case when m.magic = own_magic then m.bytecode end
from modules m join actions a on a.action_id = m.workflow_id
where m.workflow_id = any (workflow_ids)
$$;
