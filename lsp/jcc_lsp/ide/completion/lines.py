"""Lines that begin with a word of the language: definitions, sections, statements and what goes on with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from jcc.frontend.tokens import SECTIONS
from jcc_lsp.ide import keywords, wanted
from jcc_lsp.ide.completion.items import Item, ItemKind, escaped
from jcc_lsp.ide.keywords import Word
from jcc_lsp.ide.scene import Scene
from jcc_lsp.ide.wording import Topic

_FROM_INTERFACE = frozenset({"in", "out", "env"})


def items(
    scene: Scene,
    found: wanted.NewDefinition | wanted.NewSection | wanted.NewStatement | wanted.Words,
) -> Iterator[Item]:
    match found:
        case wanted.NewDefinition():
            return _definitions(scene)
        case wanted.NewSection(definition=definition):
            return _sections(scene, definition.word)
        case wanted.NewStatement(followers=followers, only=only):
            return _statements(scene, followers, only)
        case wanted.Words(words=words):
            return _trailing(scene, words)


def _definitions(scene: Scene) -> Iterator[Item]:
    """Those of a `.wf` file are workflows, those of an `.ac` file are not."""
    is_workflow = scene.path.partition("#")[0].endswith(".wf")
    name = escaped(file_name(scene.path))
    for text, word in keywords.DEFINITIONS.items():
        rank = 0 if (text == "workflow") == is_workflow else 1
        yield _word(scene, "definition", text, word, rank, word.snippet.replace("$NAME", name))


def file_name(path: str) -> str:
    """What a definition in a file is called by custom."""
    return PurePath(path.partition("#")[0]).name.partition(".")[0]


def _sections(scene: Scene, kind: str) -> Iterator[Item]:
    present = {other.word for other in scene.place.beside()}
    for text, word in keywords.SECTIONS.items():
        excluded = {text}
        if text in _FROM_INTERFACE:
            excluded.add("interface")
        elif text == "interface":
            excluded |= _FROM_INTERFACE
        if kind in SECTIONS[text] and excluded.isdisjoint(present):
            yield _word(scene, "section", text, word, 0)


def _statements(scene: Scene, followers: tuple[str, ...], only: frozenset[str]) -> Iterator[Item]:
    for text in followers:
        yield _word(scene, "follower", text, keywords.FOLLOWERS[text], 0)
    for text, word in keywords.STATEMENTS.items():
        if text in only:
            yield _word(scene, "statement", text, word, 1)


def _trailing(scene: Scene, words: tuple[str, ...]) -> Iterator[Item]:
    for text in words:
        yield _word(scene, "trailing", text, keywords.TRAILING[text], 0)


def _word(
    scene: Scene, kind: str, text: str, word: Word, rank: int, snippet: str | None = None
) -> Item:
    item_kind = ItemKind.SECTION if kind == "section" else ItemKind.KEYWORD
    topic = Topic(kind, text)
    if scene.place.rest.strip() or scene.place.has_body:
        return Item(text, item_kind, word.form, topic=topic, rank=rank)
    stands_alone = word.form.rstrip(":") == text
    plain = word.form if stands_alone else f"{text} "
    return Item(text, item_kind, word.form, plain, snippet or word.snippet, topic, rank)
