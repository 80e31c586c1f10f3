"""`jcc explain`: the page of a diagnostic."""

from __future__ import annotations

import argparse
from difflib import get_close_matches

from jcc.cli.main import OK, USAGE
from jcc.cli.output import complain
from jcc.diagnostics.pages import page
from jcc.diagnostics.registry import RULES, find_rule


def run(arguments: argparse.Namespace) -> int:
    if arguments.code is None:
        for each in RULES.values():
            print(f"{each.code}  {each.severity.name.lower():8} {each.name}")
        return OK
    rule = find_rule(arguments.code)
    if rule is None:
        known = [*RULES, *(rule.name for rule in RULES.values())]
        near = get_close_matches(arguments.code, known, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else "; `jcc explain` lists all"
        complain(f"no diagnostic is named `{arguments.code}`{hint}")
        return USAGE
    print(page(rule), end="")
    return OK
