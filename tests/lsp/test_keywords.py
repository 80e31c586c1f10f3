"""The tables of words for people hold what the compiler knows, and no more."""

from __future__ import annotations

import pytest

from jcc.frontend import tokens
from jcc.frontend.checks.declarations import SETTINGS
from jcc.frontend.functions import BY_NAME
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.values import ROOTS
from jcc.workspace import Workspace, parsed
from jcc_lsp.ide import keywords
from jcc_lsp.ide.wording import Topic, documentation


def test_every_word_is_there() -> None:
    assert keywords.DEFINITIONS.keys() == set(tokens.DEFINITIONS)
    assert keywords.SECTIONS.keys() == tokens.SECTIONS.keys()
    assert keywords.STATEMENTS.keys() == tokens.STATEMENTS
    assert keywords.FOLLOWERS.keys() == tokens.FOLLOWERS.keys() | {"call"}
    assert keywords.OPERATORS.keys() == tokens.OPERATOR_WORDS | {"not"}
    assert keywords.OBJECTS.keys() == ROOTS
    assert keywords.TYPES.keys() == BASE_TYPES.keys()
    assert keywords.SETTINGS.keys() == {key for known in SETTINGS.values() for key in known}
    assert keywords.TRAILING.keys() == {"using", "optional", "manual", "inherit"}


def test_every_topic_has_something_to_say() -> None:
    workspace = Workspace()
    topics = [
        *(Topic("definition", word) for word in keywords.DEFINITIONS),
        *(Topic("section", word) for word in keywords.SECTIONS),
        *(Topic("statement", word) for word in keywords.STATEMENTS),
        *(Topic("follower", word) for word in keywords.FOLLOWERS),
        *(Topic("function", name) for name in BY_NAME),
        *(Topic("setting", name) for name in keywords.SETTINGS),
        *(Topic("type", name) for name in keywords.TYPES),
        *(Topic("operator", name) for name in keywords.OPERATORS),
    ]
    for topic in topics:
        assert documentation(workspace, topic), topic
    assert documentation(workspace, Topic("callee", "nobody")) is None


@pytest.mark.parametrize("word", keywords.STATEMENTS)
def test_a_statements_snippet_begins_with_its_word(word: str) -> None:
    assert keywords.STATEMENTS[word].snippet.startswith(word)


@pytest.mark.parametrize("word", sorted(keywords.SECTIONS.keys() - {"do", "config", "interface"}))
def test_a_section_as_its_snippet_writes_it_is_good_syntax(word: str) -> None:
    kind = tokens.SECTIONS[word][0]
    snippet = keywords.SECTIONS[word].snippet
    lines = snippet.replace("${1}", "x").replace("${1:", "").replace("${2:", "").replace("}", "")
    workspace = Workspace()
    body = "\n".join(f"\t{line}" for line in lines.split("\n"))
    workspace.set_text("w.wf", f"{kind} w:\n{body}\n")
    assert [d.message for d in parsed(workspace, "w.wf").diagnostics] == []
