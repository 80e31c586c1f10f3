"""The corpus of attacks: each must end as it says, rejected or with an error of its job, and never in another way."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import pytest

HERE = Path(__file__).parent
RUNTIME = HERE.parents[2] / "runtime"
PATIENCE = 60  # seconds until an attack counts as one that never ends


@dataclass(frozen=True, slots=True)
class Attack:
    """`end` is `rejected`, or the class of the error that its job gets."""

    category: str
    name: str
    end: str
    python: str


def attacks() -> Iterator[Attack]:
    for path in sorted((HERE / "corpus").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
            title, code = part.split("\n", 1)
            name, end = title.split(" -> ")
            whole = path.stem == "modules"
            python = code if whole else "def task_1_eval(a, e, v, t):\n" + indent(code, "    ")
            yield Attack(path.stem, name, end, python)


ATTACKS = tuple(attacks())


class Victim:
    """The process that the attacks run in."""

    def __init__(self) -> None:
        self.slowest = (0.0, "")
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", str(HERE / "victim.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(RUNTIME)},
        )

    def attack(self, attack: Attack) -> tuple[str, str]:
        """How it ended, and the message."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(attack.python) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.close()
            self._process = self._start()
            return ("died" if ready else "never ended"), ""
        answer = json.loads(line)
        name = f"{attack.category}: {attack.name}"
        self.slowest = max(self.slowest, (answer["seconds"], name))
        return answer["end"], answer["message"]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    process = Victim()
    yield process
    process.close()
    seconds, name = process.slowest
    print(f"\n{len(ATTACKS)} attacks; the slowest took {seconds:.2f} s of CPU: {name}")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.category}: {attack.name}")
def test_an_attack_ends_as_it_must(attack: Attack, victim: Victim) -> None:
    end, message = victim.attack(attack)
    assert (end, message) == (attack.end, message)
    # No address, and no limit that only the machine's memory set.
    assert not re.search(r" at 0x|out of memory|needs too much", message)


def test_the_corpus_is_large_and_of_all_kinds() -> None:
    assert len(ATTACKS) >= 700
    assert len({(attack.category, attack.name) for attack in ATTACKS}) == len(ATTACKS)
    assert {attack.end for attack in ATTACKS} == {"rejected", "sandbox", "type", "normal"}
