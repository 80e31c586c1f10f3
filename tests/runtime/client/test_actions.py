"""What becomes of a task: the call of a function, and the answer to it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobcenter import SoftError
from jobcenter.actions import Action, Function
from jobcenter.statements import Task


def answer(function: Function, arguments: dict[str, Any], env: dict[str, Any] | None = None) -> Any:
    action = Action.of("act", function, 1, None)
    task = Task(7, "cookie", arguments, env or {})
    text = asyncio.run(action.run_async(task)) if action.is_async else action.run(task)
    return json.loads(text)


def error(answered: Any) -> tuple[str, str]:
    return answered["error"]["class"], answered["error"]["msg"]


def test_inputs_go_by_keyword_and_the_dict_is_the_output() -> None:
    def add(counter: float, step: float = 1) -> dict[str, float]:
        return {"counter": counter + step}

    assert answer(add, {"counter": 123, "step": 3}) == {"counter": 126}
    assert answer(add, {"counter": 123}) == {"counter": 124}


def test_async_functions_and_env_and_any_keyword() -> None:
    async def act(env: Mapping[str, Any], **rest: object) -> dict[str, Any]:
        return {"env": env, "rest": rest}

    assert answer(act, {"a": 1}, {"e": 2}) == {"env": {"e": 2}, "rest": {"a": 1}}


def test_none_is_no_outputs() -> None:
    def act() -> None:
        return None

    assert answer(act, {}) == {}


def test_arguments_that_do_not_fit_are_named() -> None:
    def act(first: int, second: int = 2) -> dict[str, int]:
        return {}

    missing = error(answer(act, {}))
    assert missing == ("normal", "the worker's `act` needs `first`, which the task does not give")
    unknown = error(answer(act, {"first": 1, "third": 3, "fourth": 4}))
    assert unknown == ("normal", "the worker's `act` does not take `fourth`, `third`")


@pytest.mark.parametrize(
    "value", [float("nan"), {1}, b"x", 10**5000], ids=["nan", "set", "bytes", "long"]
)
def test_outputs_that_are_no_json_name_the_action(value: object) -> None:
    def act() -> dict[str, object]:
        return {"value": value}

    error_class, msg = error(answer(act, {}))
    assert error_class == "normal"
    assert msg.startswith("the outputs of the worker's `act` are no JSON: ")


class Speechless(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (SoftError("try later"), ("soft", "try later")),
        (ValueError("not so"), ("normal", "not so")),
        (KeyError(), ("normal", "KeyError")),
        (KeyError("customer"), ("normal", "KeyError: 'customer'")),
        (SystemExit(3), ("normal", "SystemExit: 3")),
        (KeyboardInterrupt(), ("normal", "KeyboardInterrupt")),
        (GeneratorExit(), ("normal", "GeneratorExit")),
        (asyncio.CancelledError("within"), ("normal", "within")),
        (Speechless(), ("normal", "Speechless")),
    ],
)
def test_what_is_raised_becomes_an_error(raised: BaseException, expected: tuple[str, str]) -> None:
    def act() -> None:
        raise raised

    async def act_async() -> None:
        raise raised

    assert error(answer(act, {})) == expected
    assert error(answer(act_async, {})) == expected


def test_a_message_that_no_database_takes_is_told_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, "jobcenter.worker")  # pytest cannot pass it on either

    def act() -> None:
        raise ValueError("a\0b\ud800")

    assert error(answer(act, {})) == ("normal", r"a\x00b\ud800")


def test_a_coroutine_that_is_cancelled_with_its_worker_gives_no_answer() -> None:
    async def act() -> None:
        await asyncio.sleep(60)

    async def cancelled() -> None:
        action = Action.of("act", act, 1, None)
        running = asyncio.create_task(action.run_async(Task(7, "cookie", {}, {})))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())


def test_a_traceback_is_logged_and_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    def act() -> None:
        raise ValueError("secret place")

    with caplog.at_level(logging.ERROR, "jobcenter.worker"):
        answered = answer(act, {})
    assert "Traceback" in caplog.text
    assert answered == {"error": {"class": "normal", "msg": "secret place"}}


@pytest.mark.parametrize("outputs", [3, [1], "text", {"x": object()}, {"x": float("nan")}])
def test_outputs_that_are_no_json_object_fail_the_task(outputs: Any) -> None:
    def act() -> Any:
        return outputs

    assert error(answer(act, {}))[0] == "normal"


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    st.dictionaries(
        TEXTS,
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | TEXTS,
            lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
            max_leaves=10,
        ),
    )
)
def test_any_json_passes_unchanged(arguments: dict[str, Any]) -> None:
    def act(**given: object) -> dict[str, object]:
        return given

    # `env` and `self` are names like any other for **given, unless the function declares them.
    assert answer(act, arguments) == arguments


def test_a_function_that_cannot_be_called_by_keyword_is_refused() -> None:
    def act(first: int, /) -> None: ...

    def acts(*many: int) -> None: ...

    for function in (act, acts):
        with pytest.raises(TypeError, match="cannot be given by keyword"):
            Action.of("act", function, 1, None)
    with pytest.raises(ValueError, match="at least one slot"):
        Action.of("act", lambda: None, 0, None)


@pytest.mark.parametrize(
    ("outputs", "problem"),
    [
        ({"thing": "a\0"}, "`thing` holds the character NUL (U+0000)"),
        ({"thing": "\ud800x"}, "`thing` holds half of a surrogate pair (U+D800)"),
        ({"thing": "\udc00\ud800"}, "`thing` holds half of a surrogate pair (U+DC00)"),
        (
            {"a": 1, "rows": [{"b": [1, ("\0",)]}]},
            "`rows[0].b[1][0]` holds the character NUL (U+0000)",
        ),
        (
            {"rows": {"x\udfff": 1}},
            "a key of `rows` holds half of a surrogate pair (U+DFFF): 'x\\udfff'",
        ),
        ({"\0": 1}, "a key of the outputs holds the character NUL (U+0000): '\\x00'"),
    ],
)
def test_what_cannot_be_stored_is_named_with_its_place(
    outputs: dict[str, object], problem: str
) -> None:
    def act() -> dict[str, object]:
        return outputs

    said = f"the outputs of the worker's `act` cannot be stored: {problem}"
    assert error(answer(act, {})) == ("normal", said)


def test_characters_that_only_look_like_it_are_stored() -> None:
    outputs = {"pair": "\U0001f600", "halves": "\ud83d\ude00", "text": "\\u0000 \\ud800"}

    def act() -> dict[str, str]:
        return outputs

    assert answer(act, {}) == {**outputs, "halves": "\U0001f600"}
