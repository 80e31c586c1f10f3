"""What a peer may say: one function a method, in a table. Shapes and texts are those of the predecessor, on which its clients rely.

A function gets the session and the parameters and gives the result; a `Complaint` is an error of the call. Some refusals are results
by tradition: `[null, text]` of create_job, `[false, text]` of announce.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from jobcenter import statements
from jobcenter.actions import failure
from jobcenter.api import calls, netstring, remote, rpc
from jobcenter.api.dispatch import SlotGroup
from jobcenter.api.parameters import (
    MASTER,
    WAITED_FOR,
    Complaint,
    is_number,
    number,
    seconds,
    slots,
    storable,
    text,
    worker_name,
)
from jobcenter.api.rpc import Params
from jobcenter.errors import InvalidArguments, JobCenterError, UnknownJob
from jobcenter.orders import Order
from jobcenter.statements import Output, to_json
from jobcenter.storable import escaped

if TYPE_CHECKING:
    from jobcenter.api.session import Session


@dataclass(frozen=True, slots=True)
class Method:
    """`notification`: it may come as one. `greets`: until it is answered, the peer's other words wait."""

    do: Do
    notification: bool = False
    before_hello: bool = False
    greets: bool = False


async def ping(peer: Session, params: Params) -> str:
    return "pong?"


async def hello(peer: Session, params: Params) -> list[object]:
    who = text(params, "who", "no who?")
    method = text(params, "method", "no method?")
    token = text(params, "token", "no token?")
    if method in peer.door.methods and await peer.api.doorkeeper.admits(
        method, who, token, peer.peer
    ):
        peer.who = who
        return [True, f"welcome to the clientapi {who}!"]
    peer.who, peer.refused = None, True
    peer.api.observer.login_refused()
    return [False, "you're not welcome!"]


async def create_job(peer: Session, params: Params) -> list[object]:
    workflow = text(params, "wfname", "no workflowname?")
    inargs = params.get("inargs")
    if not isinstance(inargs, dict):
        raise Complaint("inargs should be a hashref")
    _room_to_wait(peer)
    timeout = seconds(params.get("timeout"))
    tag = None if params.get("vtag") is None else text(params, "vtag", "invalid vtag")
    env: Params = {}
    if isinstance(params.get("clenv"), dict):
        env["clenv"] = params["clenv"]
    try:
        if peer.door.request_tokens is not None:
            env["authscope"] = {"authscope": peer.door.authscope(params.get("reqauth"))}
        order = Order(
            workflow,
            to_json(inargs, "the arguments"),
            _who(peer),
            tag,
            to_json(env, "the environment") if env else None,
        )
        job_id = await peer.api.service.create(order)
    except JobCenterError as error:
        return [None, _said(error)]
    _tell_end(peer, job_id, timeout)
    return [job_id, None]


async def get_job_status(peer: Session, params: Params) -> list[object]:
    job_id = number(params)
    _room_to_wait(peer)
    try:
        status = await peer.api.service.status(job_id, peer.who)
    except UnknownJob as error:
        return [None, {"error": str(error)}]
    except JobCenterError as error:
        raise Complaint(_said(error)) from None
    if status.ended:
        return [job_id, status.outcome]
    if params.get("notify"):
        _tell_end(peer, job_id, 0)
    return [None, None]


async def find_jobs(peer: Session, params: Params) -> list[object]:
    given = params.get("filter")
    if not given:
        raise Complaint("no filter?")
    try:
        asked = to_json(_read(given) if isinstance(given, str) else given, "the filter")
        found = await peer.api.service.run(calls.find_jobs(asked, remote.FOUND, peer.who))
    except JobCenterError as error:
        return [None, _said(error)]
    return [str(job_id) for job_id in found]


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArguments(f"the filter is not JSON: {error}") from None


async def check_if_lock_exists(peer: Session, params: Params) -> bool | None:
    lock_type = text(params, "locktype", "no locktype?")
    value = text(params, "lockvalue", "no lockvalue?")
    try:
        return await peer.api.service.run(statements.check_if_lock_exists(lock_type, value))
    except JobCenterError as error:
        raise Complaint(_said(error)) from None


# What workers say.


async def create_slotgroup(peer: Session, params: Params) -> str:
    name = text(params, "name", "slotgroup name required")
    if name.startswith("_"):
        raise Complaint("invalid slotgroup name")
    try:
        peer.desk.create_group(name, slots(params.get("slots")))
    except JobCenterError as error:
        raise Complaint(str(error)) from None
    return ""


async def announce(peer: Session, params: Params) -> list[object]:
    action = text(params, "actionname", "actionname required")
    group = _group(peer, params, action)
    name = params.get("workername") or peer.workername or _who(peer)
    if not isinstance(name, str):
        raise Complaint("invalid workername")
    storable(name, "workername")
    filter = params.get("filter")
    if filter is not None and not isinstance(filter, dict):
        raise Complaint("filter must be a json object")
    try:
        who = _who(peer)
        await peer.desk.announce(who, worker_name(who, f"{name}:{peer.tag}"), action, group, filter)
    except JobCenterError as error:
        return [False, _said(error)]
    peer.workername = name
    peer.start_pings()
    return [True, "success"]


def _group(peer: Session, params: Params, action: str) -> SlotGroup:
    name, own = params.get("slotgroup"), params.get("slots")
    if name and own:
        raise Complaint("cannot provide both slotgroup and slots")
    if not name:
        return SlotGroup(f"_{action}", slots(1 if own is None else own))
    group = peer.desk.groups.get(name) if isinstance(name, str) else None
    if group is None:
        raise Complaint(f"slotgroup {name} does not exist")
    return group


async def withdraw(peer: Session, params: Params) -> int:
    action = text(params, "actionname", "actionname required")
    if action not in peer.desk.lanes:
        raise Complaint(f"actionname {action} not announced?")
    try:
        await peer.desk.withdraw(action)
    except JobCenterError as error:
        raise Complaint(_said(error)) from None
    return 1


async def get_task(peer: Session, params: Params) -> list[object]:
    action = text(params, "actionname", "actionname required")
    hint = params.get("job_id")
    if isinstance(hint, str) and is_number(hint):
        hint = int(hint)
    if isinstance(hint, bool) or not isinstance(hint, int | str) or hint == "":
        raise Complaint("no job_id?")
    if isinstance(hint, int) and not 0 < hint < 2**63:
        return []
    task = await peer.desk.get_task(action, hint)
    if task is None:
        return []
    answer = [task.job_id, task.cookie, task.arguments, task.environment]
    if len(rpc.result("x" * 64, answer)) > netstring.LIMIT:
        await peer.desk.refuse(task.cookie)
        return []
    return answer


async def task_done(peer: Session, params: Params) -> list[object]:
    cookie = text(params, "cookie", "task_done: no cookie!?")
    outputs = params.get("outargs")
    if outputs is None or outputs in ("", 0, False):
        raise Complaint("task_done: no outargs!?")
    try:
        answer = to_json(outputs, "the outputs")
    except InvalidArguments as error:
        # Most workers do not wait to hear of it: without an answer, the task would never end.
        await peer.desk.answer(cookie, _failure(outputs, str(error)))
        raise Complaint(str(error)) from None
    await peer.desk.answer(cookie, answer)
    return []


def _failure(outputs: object, why: str) -> str:
    """The answer in the place of one that cannot be taken. An error stays of its class, and says what it can."""
    match outputs:
        case {"error": {"class": str(error_class), "msg": str(msg)}}:
            return failure(escaped(error_class), escaped(msg))
        case _:
            return failure("normal", why)


async def get_api_status(peer: Session, params: Params) -> object:
    if peer.who != MASTER:
        raise Complaint("permission denied")
    what = text(params, "what", "what status?")
    status = peer.api.status(what)
    return f"no status for {what}" if status is None else status


# What is told.


def _who(peer: Session) -> str:
    assert peer.who is not None, "only ping and hello come before hello"
    return peer.who


def _said(error: JobCenterError) -> str:
    """As the predecessor passed on the database's own words, but for its names of files and functions."""
    return f"ERROR:  {error}"


def _room_to_wait(peer: Session) -> None:
    if len(peer.on_close) >= WAITED_FOR:
        raise Complaint("this connection waits for too many jobs")


def _tell_end(peer: Session, job_id: int, timeout: float) -> None:
    """Sends `job_done` when the job has ended, or after `timeout` seconds (0: never) that it has not."""
    endings = peer.api.service.endings
    token = object()

    def tell(output: Output) -> None:
        forget()
        params: Params = {"job_id": job_id, "outargs": output}
        if len(rpc.notification("job_done", params)) > netstring.LIMIT:
            params["outargs"] = {"error": "the outputs are too long for this connection"}
        peer.notify("job_done", params)

    timer = (
        peer.api.call_later(timeout, partial(tell, {"error": "timeout"})) if timeout > 0 else None
    )

    def forget() -> None:
        endings.forget(job_id, tell)
        peer.on_close.pop(token, None)
        if timer is not None:
            timer.cancel()

    peer.on_close[token] = forget
    endings.watch(job_id, tell)


Do: TypeAlias = Callable[["Session", Params], Awaitable[object]]

METHODS: Final[Mapping[str, Method]] = {
    "hello": Method(hello, before_hello=True, greets=True),
    "ping": Method(ping, before_hello=True),
    "create_job": Method(create_job),
    "get_job_status": Method(get_job_status),
    "find_jobs": Method(find_jobs),
    "check_if_lock_exists": Method(check_if_lock_exists),
    "create_slotgroup": Method(create_slotgroup),
    "announce": Method(announce),
    "withdraw": Method(withdraw),
    "get_task": Method(get_task),
    "task_done": Method(task_done, notification=True),
    "get_api_status": Method(get_api_status),
    # For the Python client and worker.
    "run": Method(remote.run),
    "listen": Method(remote.listen),
    "unlisten": Method(remote.unlisten),
}
