# Runs the cases on standard input (JSON) as the predecessor ran its blocks, and prints their results (JSON).
use strict;
use warnings;
no warnings qw(void once redefine uninitialized numeric substr misc);
use utf8;
use JSON::PP;

our (%a, %e, %v, %i, %o, %t, $TRUE, $FALSE);
($TRUE, $FALSE) = (JSON::PP::true, JSON::PP::false);
local $SIG{__WARN__} = sub { };
my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my @results;
for my $case (@{ $json->decode(do { local $/; <STDIN> }) }) {
    %a = %{ $case->{a} };
    %e = %{ $case->{e} };
    %v = %{ $case->{v} };
    %o = %{ $case->{o} };
    (%i, %t) = ();
    # `reval` of the predecessor was called in scalar context.
    my $value = eval "use strict; use utf8; no warnings; $case->{code}\n";
    if ($@) { push @results, { error => "$@" }; next }
    my $role = $case->{role};
    my $result
        = $role eq 'in' ? {%i}
        : $role eq 'end' ? {%o}
        : $role eq 'value' || $role eq 'message' ? $value
        :                {%v};
    # References to scalars are how Perl writes booleans; JSON::PP knows \1 and \0 too.
    push @results, { value => $result };
}
print $json->encode(\@results);
