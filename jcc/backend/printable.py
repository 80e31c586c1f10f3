"""Text of a user's in text of ours: comments of the generated Python, labels of the graph."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text on one line, and with nothing in it that a reader of Python or XML stumbles over: a tab is a blank,
    other control characters and half surrogates are spelled out."""
    return "".join(
        char if char.isprintable() else " " if char == "\t" else ascii(char)[1:-1] for char in text
    )
