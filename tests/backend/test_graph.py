"""Pictures of the task graph: each task and way is in them, and nothing that a name holds breaks them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from jcc.backend.graph import edges, to_dot, to_mermaid
from jcc.backend.graph_svg import to_svg
from jobcenter.artifact import Definition, Kind, Program, Task

NASTY = "w\"<&>\\{}[]|#;\n\0\ud800'"
SOURCE = 'workflow w:\n\tcase a.x: # "<&>\\{}[]|\n\tsleep 1\n'


def definition(name: str = "w") -> Definition:
    tasks = (
        Task(1, Kind.START, 1, next=2),
        Task(2, Kind.SWITCH, 2, next=4, edges={"a": 3, "b": 3, NASTY: 2}, on_error=5),
        Task(3, Kind.SLEEP, 3, next=2),
        Task(4, Kind.SLEEP, 3, next=5),
        Task(5, Kind.END, 1),
    )
    program = Program(name, 1, 5, tasks)
    return Definition("workflow", name, SOURCE, "w.wf", program=program)


def test_ways_to_one_task_are_one() -> None:
    assert [(edge.source, edge.target, edge.label) for edge in edges(definition())] == [
        (1, 2, ""),
        (2, 3, "a, b"),
        (2, 2, NASTY.replace("\n", "\\n").replace("\0", "\\x00").replace("\ud800", "\\ud800")),
        (2, 4, "else"),
        (2, 5, "error"),
        (3, 2, ""),
        (4, 5, ""),
    ]


@pytest.mark.parametrize("name", ["w", NASTY])
def test_dot_is_one_statement_a_line_with_sound_quotes(name: str) -> None:
    lines = to_dot(definition(name)).splitlines()
    quoted = r'"(?:[^"\\]|\\.)*"'
    assert re.fullmatch(rf"digraph {quoted} {{", lines[0])
    assert lines[-1] == "}"
    node = re.compile(rf"    \d \[label={quoted}, shape=\w+\];")
    edge = re.compile(rf"    \d -> \d \[(label={quoted}, )?style=(solid|dashed)\];")
    assert [bool(node.fullmatch(line)) for line in lines[2:7]] == [True] * 5
    assert [bool(edge.fullmatch(line)) for line in lines[7:-1]] == [True] * 7


@pytest.mark.parametrize("name", ["w", NASTY])
def test_mermaid_is_one_statement_a_line_without_markup_of_its_own(name: str) -> None:
    lines = to_mermaid(definition(name)).splitlines()
    text = r'"[\w .,:()=+/\'#;-]*"'
    node = re.compile(rf"    t\d(\(\[{text}\]\)|\[{text}\]|{{{text}}})")
    edge = re.compile(rf"    t\d (-->|-\.->)(\|{text}\|)? t\d")
    assert lines[0] == "flowchart TD"
    assert [bool(node.fullmatch(line)) for line in lines[1:6]] == [True] * 5
    assert [bool(edge.fullmatch(line)) for line in lines[6:]] == [True] * 7


@pytest.mark.parametrize("name", ["w", NASTY])
def test_svg_has_a_box_a_task_and_a_line_a_way(name: str) -> None:
    root = ElementTree.fromstring(to_svg(definition(name)))
    space = "{http://www.w3.org/2000/svg}"
    ways = [path for path in root.iter(f"{space}path") if "marker-end" in path.attrib]
    assert len(list(root.iter(f"{space}rect"))) == 5
    assert len(ways) == 7
    width = int(root.attrib["width"])
    corners = [int(x) for path in ways for x in re.findall(r"[MH](-?\d+)", path.attrib["d"])]
    assert all(0 < x < width for x in corners)


def test_parallel_lanes_do_not_touch() -> None:
    root = ElementTree.fromstring(to_svg(definition()))
    lanes: dict[int, list[list[int]]] = {}
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        found = re.fullmatch(r"M(\d+) (\d+)H(\d+)V(\d+)H\1", path.attrib["d"])
        if found:
            lanes.setdefault(int(found[3]), []).append(sorted((int(found[2]), int(found[4]))))
    assert len(lanes) >= 3
    for spans in lanes.values():
        spans.sort()
        assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_an_action_has_an_empty_graph() -> None:
    action = Definition("action", "add", "action add:\n", "add.ac")
    assert to_dot(action).count("\n") == 3
    assert to_mermaid(action) == "flowchart TD\n"
    assert ElementTree.fromstring(to_svg(action)).tag.endswith("svg")
