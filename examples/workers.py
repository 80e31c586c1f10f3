"""The workers of the examples: what stands behind the actions in this folder."""

from __future__ import annotations

from jobcenter import Worker

worker = Worker("examples")


@worker.action("add")
def add(counter: float, step: float = 1) -> dict[str, float]:
    return {"counter": counter + step}
