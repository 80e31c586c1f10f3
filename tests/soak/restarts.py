"""Random workflows, with the engine begun anew for every step, end as they do undisturbed: a Maestro runs them in one database; in
another each half step is taken by an engine that has a connection of its own and knows nothing of the step before.

`python -m tests.soak.restarts [SEEDS] [FIRST]`
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from jobcenter import embedded
from jobcenter.artifact import Definition
from jobcenter.step import step
from tests.runtime.maestro.conftest import Scene, running, working
from tests.runtime.random_workflows import adder, body_of, definitions
from tests.runtime.workflows import ADD
from tests.soak._town import Outcome, another_database, own_server, report

PATIENCE = 60.0  # seconds
RUNNABLE = "select workflow_id, task_id, job_id from jobcenter.jobs where state in ('done', 'plotting') order by job_id"


@dataclass(frozen=True, slots=True)
class End:
    """All that can be told of a job that has ended, without what differs from run to run."""

    state: str
    out: Any
    steps: int
    log: Any
    family: int

    @classmethod
    def of(cls, scene: Scene, job: int) -> End:
        state, out, steps = scene.one(
            "select state::text, out_args, stepcounter from jobcenter.jobs where job_id = %s", job
        )
        family = scene.one("select count(*) from jobcenter.jobs where root_id = %s", job)[0]
        return cls(state, told(out), steps, told(scene.log(job)), family)


def told(value: Any) -> Any:
    """Without the numbers of jobs and events, and times."""
    match value:
        case dict():
            volatile = ("job", "event_id", "when")
            return {key: told(item) for key, item in value.items() if key not in volatile}
        case list() | tuple():
            return [told(item) for item in value]
        case _:
            return value


class Stepper:
    """Takes all jobs of a database to their end, half step by half step. `taken` counts them."""

    def __init__(self, dsn: str, scene: Scene) -> None:
        self.dsn = dsn
        self.scene = scene
        self.taken = 0

    def run(self) -> None:
        end = time.monotonic() + PATIENCE
        while self._living():
            assert time.monotonic() < end, self.scene.all(
                "select job_id, state from jobcenter.jobs"
            )
            self.scene.all("select from jobcenter.wake_due(1000)")
            for jobtask in self.scene.all(RUNNABLE):
                self._step(jobtask)
            for _, cookie, inputs in self.scene.take("add"):
                self.scene.answer(cookie, adder(inputs))

    def _step(self, jobtask: tuple[Any, ...]) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            workflow, task, job = jobtask
            step(connection, f"({workflow},{task},{job})")
        self.taken += 1

    def _living(self) -> bool:
        query = "select 1 from jobcenter.jobs where state not in ('finished', 'error') limit 1"
        return bool(self.scene.all(query))


@contextmanager
def scene_of(dsn: str) -> Iterator[Scene]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        scene = Scene(connection)
        scene.deploy(ADD)
        yield scene


def run(undisturbed: str, stepped: str, seeds: int, first: int = 0) -> Outcome:
    """Two DSNs of databases with the schema."""
    outcome = Outcome("restarts")
    differing: list[int] = []
    with (
        scene_of(undisturbed) as calm,
        scene_of(stepped) as hard,
        running(undisturbed),
        working(undisturbed, add=adder),
    ):
        stepper = Stepper(stepped, hard)
        for seed in range(first, first + seeds):
            ends = [create(scene, seed) for scene in (calm, hard)]
            calm.result(ends[0])
            stepper.run()
            calm_end, hard_end = End.of(calm, ends[0]), End.of(hard, ends[1])
            if calm_end != hard_end:
                differing.append(seed)
                print(f"seed {seed}:\n  {calm_end}\n  {hard_end}", file=sys.stderr)
        outcome.least("seeds", seeds, 1)
        outcome.add("restarts", stepper.taken)
        outcome.none("different ends", len(differing))
    for dsn in (undisturbed, stepped):
        outcome.examine(dsn)
    return outcome.finish()


def create(scene: Scene, seed: int) -> int:
    name = f"random_{seed}"
    workflow, *others = definitions(body_of(random.Random(seed)))
    scene.deploy(*others, renamed(workflow, name))
    return scene.create(name, own=name)


def renamed(workflow: Definition, name: str) -> Definition:
    assert workflow.program is not None
    return replace(workflow, name=name, program=replace(workflow.program, name=name))


def main(seeds: int = 1000, first: int = 0) -> int:
    with own_server(fsync="off") as server:
        dsn = embedded.dsn(server)
        with another_database(dsn) as stepped, another_database(dsn) as undisturbed:
            return report(run(undisturbed, stepped, seeds, first))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
