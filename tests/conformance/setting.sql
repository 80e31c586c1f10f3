-- What the conformance kit finds in its database before anything is deployed.
insert into jobcenter.jc_roles (rolename) values ('jobs_spooler'), ('operators'), ('anna'), ('visitor');
-- Anna is an operator.
insert into jobcenter.jc_role_members (rolename, member_of) values ('anna', 'operators');
-- The kit may act for these, and for no other.
insert into jobcenter.jc_impersonate_roles (rolename, impersonates)
select session_user, r from unnest(array['jobs_spooler', 'anna', 'visitor']) as r;

-- Procedures are functions of the database's owner.
create function public.kit_half(args jsonb) returns jsonb language sql
return jsonb_build_object('half', (args ->> 'n')::integer / 2);

create function public.kit_gives(args jsonb) returns jsonb language sql
return args -> 'out';

create table public.kit_counter (count integer not null default 0);
insert into public.kit_counter default values;
create function public.kit_counts(args jsonb) returns jsonb language sql as $$
    update public.kit_counter set count = count + 1;
    select jsonb_build_object('count', count / (args ->> 'divisor')::integer) from public.kit_counter;
$$;
