-- The tags of a version, as one text `a:b`; null where it has none.
create or replace function jobcenter.tags_of(action_id integer) returns text
language sql stable
as $$
    select string_agg(t.tag, ':' order by t.tag) from jobcenter.action_version_tags t where t.action_id = tags_of.action_id;
$$;
