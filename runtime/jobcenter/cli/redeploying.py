"""The deploying of `jobcenter dev`: all that the files define, at each save, and what people are to know of it.

The compiler is a program of its own to the runtime, so it is run as one. It tells of mistakes itself, on standard error;
what follows from them is told here, and so is what no file defines any more.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, LiteralString

from jobcenter import database
from jobcenter.errors import NoDatabase
from jobcenter.local import LocalStack
from jobcenter.statements import Row, Statement

SOURCES: Final = (".wf", ".ac")
MOST = 5  # definitions that are named in one line
COMPILER = "import sys; from jcc.cli import main; sys.exit(main())"
# Good enough for a file with mistakes in it, and the grammar is the compiler's.
HEAD: Final = re.compile(r'^(workflow|action|procedure)[ \t]+"?([^\s":]+)', re.MULTILINE)
VERSIONS: LiteralString = """
select type::text as kind, name, max(version) as version from jobcenter.actions where name = any (%(names)s) group by 1, 2
"""

DEPLOYED: LiteralString = """
select distinct type::text as kind, name from jobcenter.actions where type <> 'system' and not disabled
"""

Named = tuple[str, str]  # kind, name


class Redeploying:
    """`deploy` whenever a file has changed. `say` gets a line for people."""

    def __init__(self, stack: LocalStack, folder: Path, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._folder = folder
        self._say = say
        # When all was well the last time; at first, what was left deployed then.
        self._defined = self._deployed() if stack.owns_database_of(folder) else frozenset[Named]()

    def deploy(self, files: Iterable[Path], changed: Collection[Path]) -> None:
        """`files`: all there are; `changed`: those that were saved, or have gone."""
        if any(path.suffix in SOURCES for path in files):
            deployed = self._compile()
        else:
            self._say("there is no .wf or .ac file here yet")
            deployed = []
        if deployed is None:
            self._say(f"nothing was deployed; {self._what_stays(changed)}")
            return
        for one in deployed:
            if one["new"]:
                self._say(f"{one['kind']} {one['name']}: new, version {one['version']}")
            if not one["there"]:
                self._say(
                    f"the database has no function {one['name']}(jsonb) in its schema public yet"
                )
            if one["stale"]:
                stale = ", ".join(one["stale"])
                self._say(f"these call an older version of {one['name']}: {stale}")
        defined = frozenset((one["kind"], one["name"]) for one in deployed)
        for kind, name in sorted(self._defined - defined):
            option = "" if kind == "workflow" else f" --kind {kind}"
            self._say(
                f"{kind} {name} is in no file any more; it stays deployed and callable"
                f" until `jobcenter disable {name}{option}`"
            )
        self._defined = defined

    def _deployed(self) -> frozenset[Named]:
        statement: Statement[list[Row]] = Statement(DEPLOYED, {}, list, repeatable=True)
        return frozenset((row["kind"], row["name"]) for row in self._stack.client.run(statement))

    def _compile(self) -> list[dict[str, Any]] | None:
        """What `jcc deploy` tells; None where it failed, and nothing was deployed."""
        # What is saved is to be at work, also where its callers are unchanged, and so get no new version.
        done = subprocess.run(
            [sys.executable, "-c", COMPILER, "deploy", "--json", "--replace", str(self._folder)],
            env={**os.environ, database.VARIABLE: self._stack.dsn},
            stdout=subprocess.PIPE,
            check=False,
        )
        return list(json.loads(done.stdout)) if done.returncode == 0 else None

    def _what_stays(self, changed: Collection[Path]) -> str:
        heads = list(dict.fromkeys(_heads(changed)))
        if not heads:
            return "what was deployed before stays"
        try:
            rows = self._stack.client.run(_versions([name for _, name in heads]))
        except NoDatabase as error:
            return str(error)
        versions = {(row["kind"], row["name"]): row["version"] for row in rows}
        words = [
            f"{kind} {name} stays at version {versions[kind, name]}"
            if (kind, name) in versions
            else f"there is no {kind} {name} yet"
            for kind, name in heads[:MOST]
        ]
        if len(heads) > MOST:
            words.append(f"and so on for {len(heads) - MOST} more")
        return ", ".join(words)


def _heads(files: Iterable[Path]) -> Iterator[Named]:
    """What the files define, as far as that can be seen."""
    for path in sorted(files):
        if path.suffix in SOURCES:
            with suppress(OSError):  # gone; or the compiler has told of it
                yield from HEAD.findall(path.read_text(errors="replace"))


def _versions(names: Sequence[str]) -> Statement[list[Row]]:
    return Statement(VERSIONS, {"names": list(names)}, list, repeatable=True)
