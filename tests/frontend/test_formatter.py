"""The formatter: good style, nothing lost, nothing changed in meaning, and once is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jcc.frontend.formatter import Style, format_source
from jcc.frontend.lexer import tokenize
from jcc.frontend.parser import parse
from jcc.frontend.tokens import COMMENTS, TRIVIA
from jcc.source import Source
from tests.frontend.sexpr import sexpr

EXAMPLES = Path(__file__).parents[2] / "examples"
TWO = Style(spaces=2)


def formatted(text: str, style: Style | None = None) -> str:
    return format_source(Source("t.wf", text), style or Style())


def tree(text: str) -> str:
    return sexpr(parse(Source("t.wf", text)).file)


def meant(text: str) -> list[str]:
    """The tokens and comments of a text; a `;` means nothing."""
    tokens = tokenize(Source("t.wf", text))
    return [t.text.rstrip() for t in tokens if t.kind not in TRIVIA - COMMENTS and t.kind != ";"]


UNEVEN = """\


# before
workflow   w :
    in:
      ## What it is.
      a   string   'x' ;   # c
      b  order[ ] ?  null
    locks:
        a   _   manual   inherit


    # before do

    do:
          # first
          if( v.a+1 )*- 3>2&&! v.b[ 0 ] . c:   # cond
              eval:
                  x=object( a :1,'b',f( 1,2 ) ,
                      # inside

                           c: -1 );
                  <a ,b>   < * >
                  y = 'a'.v.x.'b'   ;
                  z = v.l[ [[ 1 ]] ]
                  w = [[
              x
                ]]
                  # end of eval
              # end of if
          #[[ a
           block #]]
          return
config:
"""

EVEN = """\
# before
workflow w:
	in:
		## What it is.
		a	string	'x'   # c
		b	order[]?	null
	locks:
		a	_	manual	inherit

	# before do

	do:
		# first
		if (v.a + 1) * -3 > 2 && !v.b[0] . c:   # cond
			eval:
				x = object(a: 1, 'b', f(1, 2),
					# inside

					c: -1)
				<a, b> <*>
				y = 'a' . v.x.'b'
				z = v.l[ [[ 1 ]] ]
				w = [[
              x
                ]]
				# end of eval
			# end of if
		#[[ a
           block #]]
		return
"""


def test_style() -> None:
    uneven = UNEVEN.removesuffix("config:\n")
    assert formatted(uneven) == EVEN
    assert tree(uneven) == tree(EVEN)


def test_a_broken_definition_is_left_alone() -> None:
    text = "action a:\n  in:\n    x   number\n" + "action b:\n   in:\n     y  :  number\n\n\n"
    last = "# of b\naction c:\n  in:\n    z   number\n"
    assert formatted(text + last) == (
        "action a:\n\tin:\n\t\tx\tnumber\n"
        "action b:\n   in:\n     y  :  number\n\n\n# of b\n"
        "action c:\n\tin:\n\t\tz\tnumber\n"
    )
    assert formatted(UNEVEN) == UNEVEN


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("", ""),
        ("\n\n", ""),
        ("action a:", "action a:\n"),
        ("\n\naction a:\n\n\n", "action a:\n"),
        ("\ufeffaction a :\n", "\ufeffaction a:\n"),
        (
            "action a :\r\n  in :\r\n\r\n\r\n    x  y # c \r\n",
            "action a:\r\n\tin:\r\n\r\n\t\tx\ty # c\r\n",
        ),
        (
            "action a:\n  role:\n      # c\n    x\n  # d\n# e\n",
            "action a:\n\trole:\n\t\t# c\n\t\tx\n\t# d\n# e\n",
        ),
        (
            "action a:\n  role:\n    x\n# c\n    y\n # d\n  in:\n    z  any\n",
            "action a:\n\trole:\n\t\tx\n\t\t# c\n\t\ty\n\t# d\n\tin:\n\t\tz\tany\n",
        ),
        ("workflow w:\nin:\n  x y\ndo:\n  return\n", "workflow w:\nin:\n\tx\ty\ndo:\n\treturn\n"),
        (
            "workflow w:\n config:\n  a=[ [1], [ ] ,{'b' :2}]\n",
            "workflow w:\n\tconfig:\n\t\ta = [ [1], []" + ", {'b': 2}]\n",
        ),
    ],
)
def test_texts(text: str, good: str) -> None:
    assert formatted(text) == good
    assert formatted(good) == good


def test_mixed_indentation_is_mended() -> None:
    text = "workflow w:\n        do:\n\t\treturn\n                sleep 1\n"
    assert parse(Source("", text)).diagnostics
    assert formatted(text) == "workflow w:\n\tdo:\n\t\treturn\n\t\tsleep 1\n"


def test_a_text_with_too_many_errors_is_left_alone() -> None:
    text = "workflow w:\n  do:\n" + "    frob\n" * 600 + "action  a:\n  in:\n    x\n"
    assert formatted(text) == text


def test_blanks_instead_of_tabs() -> None:
    text = "action a:\n\tin:\n\t\tx\tnumber\t1\n"
    assert formatted(text, TWO) == "action a:\n  in:\n    x number 1\n"
    assert formatted(formatted(text, TWO)) == text


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.[wa][fc]")), ids=lambda path: path.name)
def test_the_examples_are_in_good_style(path: Path) -> None:
    text = path.read_text()
    assert formatted(text) == text
    assert tree(formatted(text, TWO)) == tree(text)
    assert formatted(formatted(text, TWO)) == text


LINES = [
    "x=1+2*-3",
    "v . y = 1",
    "y = v.a[-1].b.'c d' [v.n]",
    "z ,= object( a:1 ,'b',! v.c )",
    "<a,b> <*>",
    "s .= 'a'.v.b.'c' x 3",
    "r = v.a=~/b c/i and not(v.d lt 'e')",
    "m = array( 1,\n2,# c\n\n3\n)",
    "n = [[ a\n  b ]] . 'c' #[[ d #]]",
    "o = v.a[ [[ 1 ]] ] ;# e",
    "in = (( 1 ))",
]


@given(
    st.lists(st.sampled_from(LINES), min_size=1, max_size=6),
    st.lists(st.sampled_from(["", " ", "\t", "  "]), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=200)
def test_it_keeps_the_meaning(lines: list[str], blanks: list[str], end: str) -> None:
    body = ""
    for number, line in enumerate(lines):
        blank = blanks[number % len(blanks)]
        spread = "".join(
            t.text + (blank if t.kind == "BLANK" else "") for t in tokenize(Source("", line))
        )
        body += "\n" * (number % 3) + "   " + spread.replace("\n", "\n" + " " * 6) + blank + "\n"
    text = f"workflow w:\n do:\n  eval:\n{body}  return\n".replace("\n", end)
    if parse(Source("", text)).diagnostics:
        assert formatted(text) == text
    for style in (Style(), TWO):
        good = formatted(text, style)
        assert tree(good) == tree(text)
        assert meant(good) == meant(text)
        assert formatted(good, style) == good


WORDS = st.sampled_from(
    [
        "workflow w:",
        "action a:",
        "in:",
        "out:",
        "do:",
        "eval:",
        "x = 1",
        "x  number",
        "return",
        "if v.a :",
        "# c",
        "## d",
        "#[[ e\n f #]]",
        "[[ g\n h ]]",
        "",
        "x = (1",
        ")",
        "else:",
        "when a,b:",
        "case v.x:",
        "x = [[",
        "]]",
    ]
)


@given(st.lists(st.tuples(st.integers(0, 4), WORDS), max_size=14), st.booleans(), st.booleans())
@settings(max_examples=500)
def test_once_is_enough(lines: list[tuple[int, str]], ended: bool, tabs: bool) -> None:
    step = "\t" if tabs else "  "
    text = "\n".join(step * depth + line for depth, line in lines) + "\n" * ended
    good = formatted(text)
    assert formatted(good) == good
    assert meant(good) == meant(text)
    assert tree(good) == tree(text)
