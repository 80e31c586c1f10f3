"""The same work by others: a text of JCL by lark alone, and one of WDL, as many lines, by miniwdl (dependency group `peers`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lark import Lark
from lark.indenter import Indenter

# The sections and statements of parse.py's workflow as a user of WDL would write them.
TASK = """\
## Orders what a customer asked for, number {n}.
task charge_{n} {{
    input {{
        # The customer's number.
        Int customer
        Array[String] items = []
        String note = "none"
        Float rate = 0.19
    }}
    String who = "customer ~{{customer}}"
    Boolean is_many = length(items) > {n} && note != "none"
    Float total = if is_many then rate * 2.0 + {n} / 100.0 else 0.2 - {n} / 100.0
    command <<<
        order --customer ~{{customer}} --note "~{{note}}"
        charge --amount ~{{total}} --items ~{{sep=',' items}}
    >>>
    output {{
        Boolean result = read_boolean(stdout())
        Float total_{n} = total * (1 + rate)
        String mail = who + "@example.com"
    }}
    runtime {{
        docker: "ubuntu:22.04"
        memory: "1G"
        maxRetries: 3
    }}
}}
"""


class _Tabs(Indenter):
    NL_type = "_NL"
    OPEN_PAREN_types = ["LPAR", "LSQB"]  # noqa: RUF012 - as lark's class has them
    CLOSE_PAREN_types = ["RPAR", "RSQB"]  # noqa: RUF012 - as above
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8


def stock_lark() -> Lark:
    """A parser of `parse.example` by lark as it comes: LALR, its contextual lexer, its Indenter."""
    grammar = (Path(__file__).parent / "stock.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", postlex=_Tabs())


def wdl(lines: int) -> str:
    """A WDL document of at least so many lines."""
    tasks = range(lines // TASK.count("\n") + 1)
    return "version 1.0\n\n" + "\n".join(TASK.format(n=n) for n in tasks)


def parse_wdl(text: str) -> Any:
    """miniwdl's tree of a document, without its type check. Raises ImportError where miniwdl is not installed."""
    import WDL

    return WDL.parse_document(text)
