"""The checks of a definition, family by family. Each is a function from a `Unit` to its findings."""

from __future__ import annotations

from jcc.frontend.checks.budgets import check_budgets
from jcc.frontend.checks.call_depth import (
    CallFacts,
    Course,
    check_call_depth,
    course_of,
    sure_calls,
)
from jcc.frontend.checks.callees import check_callees, check_inputs, check_outputs_read
from jcc.frontend.checks.conditions import (
    check_conditions,
    check_equalities,
    check_labels,
    check_repeated_conditions,
)
from jcc.frontend.checks.declarations import check_declarations
from jcc.frontend.checks.events import check_events
from jcc.frontend.checks.flow import check_catches, check_jumps, check_unreachable
from jcc.frontend.checks.forms import (
    check_durations,
    check_lists,
    check_lock_values,
    check_patterns,
)
from jcc.frontend.checks.given import check_given, check_made
from jcc.frontend.checks.habits import check_comparisons, check_loose_operators, check_precedence
from jcc.frontend.checks.lock_cycles import CycleFacts, check_lock_cycles, cycle_facts
from jcc.frontend.checks.lock_routes import (
    LockFacts,
    Route,
    check_lock_routes,
    lock_facts,
    routes,
    takes_locks,
)
from jcc.frontend.checks.locks import check_held, check_locks
from jcc.frontend.checks.loops import check_loop_conditions, check_loops
from jcc.frontend.checks.names import (
    check_copies,
    check_functions,
    check_reads,
    check_variables,
    check_writes,
)
from jcc.frontend.checks.operators import (
    check_arguments,
    check_binaries,
    check_compounds,
    check_objects,
    check_paths,
    check_unaries,
)
from jcc.frontend.checks.outputs import check_outputs, check_set_twice, check_unused
from jcc.frontend.checks.style import check_file, check_style
from jcc.frontend.checks.unit import Check

CHECKS: tuple[Check, ...] = (
    check_declarations,
    check_reads,
    check_functions,
    check_arguments,
    check_objects,
)
"""For every definition."""

WORKFLOW_CHECKS: tuple[Check, ...] = (
    check_callees,
    check_inputs,
    check_outputs_read,
    check_given,
    check_variables,
    check_copies,
    check_writes,
    check_outputs,
    check_made,
    check_set_twice,
    check_unused,
    check_binaries,
    check_compounds,
    check_unaries,
    check_paths,
    check_patterns,
    check_durations,
    check_lists,
    check_conditions,
    check_repeated_conditions,
    check_labels,
    check_equalities,
    check_jumps,
    check_unreachable,
    check_loops,
    check_loop_conditions,
    check_budgets,
    check_catches,
    check_locks,
    check_lock_values,
    check_held,
    check_events,
    check_comparisons,
    check_precedence,
    check_loose_operators,
    check_style,
)
"""For workflows alone."""

__all__ = [
    "CHECKS",
    "WORKFLOW_CHECKS",
    "CallFacts",
    "Course",
    "CycleFacts",
    "LockFacts",
    "Route",
    "check_call_depth",
    "check_file",
    "check_lock_cycles",
    "check_lock_routes",
    "course_of",
    "cycle_facts",
    "lock_facts",
    "routes",
    "sure_calls",
    "takes_locks",
]
