"""How the commands speak: tables for people, JSON for programs, complaints on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

LONGEST = 500  # characters in a cell of a table: one long value would hide all other rows
# What a job or a worker wrote must not move the cursor or change colours: all control characters but line breaks and tabs.
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


def complain(message: str) -> None:
    print(f"jobcenter: {printable(message)}", file=sys.stderr)


def printable(text: str) -> str:
    """For a terminal."""
    return text.translate(CONTROLS)


def print_json(value: object) -> None:
    """Indented where a person looks on, one line in a pipe."""
    print(
        json.dumps(
            value, default=_plain, indent=2 if sys.stdout.isatty() else None, ensure_ascii=False
        )
    )


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool, empty: str
) -> None:
    """`columns`: the key of a row -> its title. All keys of the rows go into the JSON."""
    if as_json:
        print_json(rows)
    elif rows:
        _print_table(columns, rows)
    else:
        print(empty)


def print_fields(fields: Mapping[str, object]) -> None:
    """One line a field, those without a value left out."""
    shown = {title: cell(value) for title, value in fields.items() if value not in (None, "", {})}
    width = max(map(len, shown), default=0)
    for title, text in shown.items():
        print(f"{title:<{width}}  {text}")


def cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return printable(value)
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            return json.dumps(value, default=_plain, ensure_ascii=False)
        case _:
            return str(value)


def _print_table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Where it is too wide, texts are folded: times and numbers are not."""
    # Imported here: rich takes 100 ms, and commands for programs do not need it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for key, title in columns.items():
        firm = any(isinstance(row[key], datetime | int) for row in rows)
        table.add_column(title, overflow="fold", no_wrap=firm)
    console = Console(soft_wrap=False)
    # A pipe has no right margin: one row, one line.
    line_end = "\n" if console.is_terminal else "\\n"
    for row in rows:
        table.add_row(*(Text(_short(row[key]).replace("\n", line_end)) for key in columns))
    if not console.is_terminal:
        console.width = 10_000
    console.print(table)


def _short(value: object) -> str:
    """The cell of a table: a time of today without its date, a fraction with three digits, the beginning of a long text."""
    if isinstance(value, datetime) and value.astimezone().date() == datetime.now().date():
        return value.astimezone().strftime("%H:%M:%S")
    if isinstance(value, float):
        return str(round(value, 3))
    text = cell(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
