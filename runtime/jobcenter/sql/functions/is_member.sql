-- Whether a role of the database is a member of one of these groups, as superusers are of all. A name in jc_roles alone is no role of the database.
create or replace function jobcenter.is_member(rolename text, groups text[]) returns boolean
language sql stable
as $$
    select exists (
        select from pg_catalog.pg_roles r
        where r.rolname = is_member.rolename
          and (r.rolsuper or exists (select from pg_catalog.pg_roles g where g.rolname = any (groups) and pg_has_role(r.oid, g.oid, 'member')))
    );
$$;
