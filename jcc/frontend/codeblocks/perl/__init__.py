"""The Perl of existing workflows: a documented subset (docs/perl.md), parsed and translated to Python."""
