"""The passes over a task graph: each takes a sound graph and gives a sound one that does the same. Nothing clever."""

from jcc.backend import ir
from jcc.backend.passes.reachable import keep_reachable
from jcc.backend.passes.thread_jumps import thread_jumps


def run(graph: ir.TaskGraph) -> ir.TaskGraph:
    """All passes, in their order."""
    return keep_reachable(thread_jumps(graph))
