"""Requests made up from the OpenAPI document, right ones and wrong ones: the HTTP face answers as the document says, and never with a
mistake of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import negative_data_rejection
from schemathesis.config import SchemathesisConfig

from jobcenter.api.config import Listen
from jobcenter.api.openapi import document
from jobcenter.api.tokens import new_token
from tests.api.conftest import Place
from tests.api.test_python import Town

# A workflow's own inputs are checked too, and no document can say what they are: 422 may be the answer to what fits the document.
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "422"]
            }
        }
    }
)
schema = schemathesis.openapi.from_dict(document(), config=CONFIG)


@pytest.fixture
def face(place: Place) -> Iterator[tuple[str, str]]:
    """The URL of a face, and a token for all of it."""
    token, line = new_token("all", "theBoss", "operator")
    (place.folder / "tokens").write_text(line + "\n")
    listen = (Listen("127.0.0.1", 0),)
    there = place.with_config(http=listen, token_file=place.folder / "tokens")
    with Town(there) as town:
        assert town.api is not None
        yield "http://{}:{}".format(*town.api.http_addresses[0]), token


@schema.parametrize()
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_face_keeps_its_contract(case: schemathesis.Case[Any], face: tuple[str, str]) -> None:
    url, token = face
    if case.path.endswith("/result"):
        case.query["timeout"] = 0  # nobody waits here
    # Our own token takes the place of a wrong one, and HTTP takes the blanks off a header's ends: those may be right after all.
    assert case.meta is not None
    wrong_header = any(
        location.value == "header" and info.mode.is_negative
        for location, info in case.meta.components.items()
    )
    excluded = [negative_data_rejection] if wrong_header else []
    case.call_and_validate(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded
    )
