"""Tokens: nothing of a text is lost, and each piece gets the kind that its text has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.frontend.lexer import tokenize
from jcc.frontend.tokens import BLANK, TRIVIA
from jcc.source import Source, Span


def kinds(text: str) -> list[tuple[str, str]]:
    return [(t.kind, t.text) for t in tokenize(Source("t.wf", text)) if t.kind not in TRIVIA]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("counter", "NAME"),
        ("while", "while"),
        ("x", "x"),
        ("v.order.lines", "PATH"),
        ("prov.get_ip_list", "PATH"),
        ("e.'_error'.msg", "QUOTED_PATH"),
        ('v."2nd"', "QUOTED_PATH"),
        ("12", "NUMBER"),
        ("1.5", "NUMBER"),
        (".5", "NUMBER"),
        ("0x1F", "NUMBER"),
        ("1e3", "NUMBER"),
        ("1.5e-3", "NUMBER"),
        ("'it\\'s'", "STRING"),
        ('"a # b"', "STRING"),
        ("[[ x ]]", "CODE"),
        ("[perl[ $x[[0]] ]perl]", "CODE"),
        ("[[ v.a[0]]]", "CODE"),
        ("[[\n'\n]]", "CODE"),
        ("//=", "//="),
        (",=", ",="),
        ("größe", "BAD_NAME"),
        ("12abc", "BAD_NUMBER"),
        ("1.2.3", "BAD_NUMBER"),
        ("0xG", "BAD_NUMBER"),
        ("1e999", "BAD_NUMBER"),
        ("9" * 500, "BAD_NUMBER"),
        ("'abc", "BAD_STRING"),
        ("[[ x", "BAD_CODE"),
        ("[a[ x ]b]", "BAD_CODE"),
        ("$", "BAD_CHARACTER"),
        ("\0", "BAD_CHARACTER"),
        ("\ud800", "BAD_CHARACTER"),
    ],
)
def test_one_token(text: str, kind: str) -> None:
    assert kinds(text) == [(kind, text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# plain", "COMMENT"),
        ("#! shebang", "COMMENT"),
        ("## what it does", "DOC"),
        ("### a rule ###", "COMMENT"),
        ("#[[ one\ntwo #]]", "BLOCK_COMMENT"),
        ("#[a[ #]] #]a]", "BLOCK_COMMENT"),
        ("#[[ one", "BAD_COMMENT"),
        ("  \t", BLANK),
        ("\r\n", "NEWLINE"),
        ("\n", "NEWLINE"),
    ],
)
def test_one_trivia(text: str, kind: str) -> None:
    assert [(t.kind, t.text) for t in tokenize(Source("t.wf", text))] == [(kind, text)]


def texts(text: str) -> list[str]:
    return [found for _, found in kinds(text)]


def test_a_dot_without_blanks_is_a_path_with_blanks_an_operator() -> None:
    assert texts("v.a.b") == ["v.a.b"]
    assert texts("v.a . v.b") == ["v.a", ".", "v.b"]
    assert texts("'got '.v.x") == ["'got '", ".", "v.x"]
    assert texts("tostring(1).'x'") == ["tostring", "(", "1", ")", ".", "'x'"]
    assert kinds("v.a[0].b.'c'")[-1] == ("MEMBER", ".b.'c'")


def test_a_slash_begins_a_regex_only_behind_a_tilde() -> None:
    assert texts("v.a / v.b / 2") == ["v.a", "/", "v.b", "/", "2"]
    assert texts(r"v.a =~ /a\/[[b]/ix") == ["v.a", "=~", r"/a\/[[b]/ix"]
    assert texts("v.a ~/b/") == ["v.a", "~", "/b/"]
    assert kinds("v.a =~ /b")[-1] == ("BAD_REGEX", "/b")


def test_a_bracket_behind_a_value_begins_an_index_not_a_block() -> None:
    assert texts("v.a[b[0]]") == ["v.a", "[", "b", "[", "0", "]", "]"]
    assert texts("x = [b[0]]") == ["x", "=", "[b[0]]"]


def test_openers_in_strings_and_comments_open_nothing() -> None:
    assert texts("'[[' . ']]'") == ["'[['", ".", "']]'"]
    assert texts("x # [[ y\n1 ]]") == ["x", "1", "]", "]"]


def test_an_unclosed_block_ends_where_its_lines_are_less_indented() -> None:
    assert texts("call a:\n\t[[\n\tx = 1\n\n\ty\ninto:\n") == [
        *("call", "a", ":"),
        "[[\n\tx = 1\n\n\ty",
        *("into", ":"),
    ]
    assert texts("if [[ v.x:\n\treturn") == ["if", "[[ v.x:", "return"]


def test_positions() -> None:
    tokens = tokenize(Source("t.wf", "a = 'b'"))
    assert tokens.span(4) == Span(4, 7)
    assert [tokens.index_at(offset) for offset in (0, 1, 5, 7)] == [0, 1, 4, 4]
    assert tokenize(Source("t.wf", "")).index_at(0) == -1


PIECES = st.sampled_from(
    [
        "[[",
        "]]",
        "[a[",
        "]a]",
        "#[[",
        "#]]",
        "#",
        "##",
        "'",
        '"',
        "\\",
        "~",
        "/",
        ".",
        "..",
        "\n",
        "\r\n",
        " ",
        "\t",
        "v.a",
        "12",
        ".5",
        "1e",
        "0x",
        "x",
        "é",
        "(",
        ")",
        "[",
        "]",
        "=",
        "\ufeff",
        "\x00",
        "\u2028",
    ]
)


@given(st.lists(PIECES).map("".join) | st.text())
def test_nothing_is_lost(text: str) -> None:
    tokens = tokenize(Source("t.wf", text))
    assert "".join(tokens.texts) == text
    assert [token.span.start for token in tokens] == tokens.starts[:-1]
    assert tokens.starts[-1] == len(text)
