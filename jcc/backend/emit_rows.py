"""The SQL that deploys compiled definitions: for `jcc build`, to be run by psql or any other client.

Which rows a definition becomes is the database's own business (`jobcenter.deploy_definition`), so that a file and a direct
deployment cannot differ. Here the artifact is only quoted.
"""

from __future__ import annotations

from collections.abc import Iterable

from jobcenter.artifact import Definition, to_json


def rows_sql(definitions: Iterable[Definition]) -> str:
    """One transaction that deploys the definitions in the order given: callees must come first."""
    statements = "".join(
        f"select jobcenter.deploy_definition({quoted(to_json(definition))}::json);\n"
        for definition in definitions
    )
    return f"begin;\n{statements}commit;\n"


def quoted(text: str) -> str:
    """The text as a dollar-quoted literal, with a tag that the text does not contain."""
    tag = "json"
    while f"${tag}" in text:
        tag += "_"
    return f"${tag}${text}${tag}$"
