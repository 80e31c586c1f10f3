"""The methods that the Python client and worker use: the calls of `jobcenter.statements` by their names, and channels to listen to.

A peer may do what it could do through the SQL functions with the role that it is: jobs are created for it, the names of workers are its
own. `run` gives the rows that the database gives; creating, claiming and answering go through the batches of the service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from jobcenter.api import calls
from jobcenter.api.calls import Claim
from jobcenter.api.parameters import MASTER, WAITED_FOR, Complaint, text, worker_name
from jobcenter.api.rpc import Params
from jobcenter.errors import InvalidArguments, JobCenterError, PermissionDenied
from jobcenter.orders import Order
from jobcenter.statements import SQL, Output, Statement, Task
from jobcenter.storable import SUSPECT, unstorable

if TYPE_CHECKING:
    from jobcenter.api.session import Session

Row: TypeAlias = dict[str, Any]
JSON: Final = re.compile(r"%\((\w+)\)s::jsonb")
PARAMETER: Final = re.compile(r"%\((\w+)\)s")
ACTION: Final = re.compile(r"action:[0-9]{1,10}:ready")
JOB: Final = re.compile(r"job:([0-9]{1,18}):finished")
FOUND: Final = 50_000  # jobs that find_jobs gives
ROOM: Final = 900_000  # bytes of tasks in one answer, of outputs in a notification


async def run(peer: Session, params: Params) -> list[Row]:
    """`call` is the name, `params` are those of its statement. With `listen`, the ends of the jobs that it creates or looks for are notified."""
    name = text(params, "call", "no call?")
    given = params.get("params")
    sql = SQL.get(name)
    if sql is None or not isinstance(given, dict):
        raise Complaint(f"there is no call {name}", {"error": "PermissionDenied"})
    wanted = set(PARAMETER.findall(sql))
    if given.keys() != wanted or not all(map(_is_plain, given.values())):
        raise Complaint(f"{name} takes {', '.join(sorted(wanted)) or 'nothing'}", _REFUSED)
    if (wrong := _unstorable(sql, given)) is not None:
        raise Complaint(wrong, _REFUSED)
    try:
        rows = await CALLS.get(name, _run)(peer, name, given)
        if params.get("listen"):
            _listen_to_ends(peer, name, given, rows)
        return rows
    except JobCenterError as error:
        raise Complaint(str(error), {"error": type(error).__name__}) from None


_REFUSED: Final = {"error": InvalidArguments.__name__}


def _is_plain(value: object) -> bool:
    """What the database can be given: no objects, numbers that it has."""
    match value:
        case None | bool() | float() | str():
            return True
        case int():
            return abs(value) < 2**63
        case list():
            return all(isinstance(item, str | int) and _is_plain(item) for item in value)
        case _:
            return False


def _unstorable(sql: str, params: Params) -> str | None:
    """What is wrong with parameters of which one cannot be stored: a text, or the JSON that it is."""
    if (wrong := unstorable(params, "the parameters")) is not None:
        return wrong
    for name in JSON.findall(sql):
        text = params[name]
        if isinstance(text, str) and SUSPECT.search(text):
            with suppress(ValueError, RecursionError):  # the database says what is wrong with it
                if wrong := unstorable(json.loads(text), f"`{name}`"):
                    return f"`{name}` cannot be stored: {wrong}"
    return None


async def listen(peer: Session, params: Params) -> bool:
    """From now on each notification on `channel` is passed on, as `notified {channel}`; the end of a job, once, with its `output`."""
    channel = text(params, "channel", "no channel?")
    if channel in peer.on_close:
        return True
    if len(peer.on_close) >= WAITED_FOR:
        raise Complaint("these are too many channels for one connection", _REFUSED)
    if job := JOB.fullmatch(channel):
        try:
            await peer.api.service.status(int(job[1]), _who(peer, {}))
        except JobCenterError as error:
            raise Complaint(str(error), {"error": type(error).__name__}) from None
        _listen_to_end(peer, int(job[1]))
    elif ACTION.fullmatch(channel):
        _listen_to_action(peer, channel)
    else:
        raise Complaint(f"nobody may listen to {channel} here", {"error": "PermissionDenied"})
    return True


async def unlisten(peer: Session, params: Params) -> bool:
    """Whether it was listened to."""
    undo = peer.on_close.pop(text(params, "channel", "no channel?"), None)
    if undo is not None:
        undo()
    return undo is not None


def _listen_to_ends(peer: Session, name: str, params: Params, rows: list[Row]) -> None:
    """Who waits for too many hears of no more, and finds the ends when he looks."""
    match name:
        case "create_job" | "create_jobs":
            jobs = [row["o_job_id"] for row in rows]
        case "get_job_status":
            jobs = [params["job"]] if rows[0][name] is None else []
        case "get_job_statuses":
            jobs = [row["o_job_id"] for row in rows if row["o_output"] is None]
        case _:
            jobs = []
    for job_id in jobs:
        if len(peer.on_close) < WAITED_FOR and _channel(job_id) not in peer.on_close:
            _listen_to_end(peer, job_id)


def _channel(job_id: int) -> str:
    return f"job:{job_id}:finished"


def _listen_to_end(peer: Session, job_id: int) -> None:
    endings, channel = peer.api.service.endings, _channel(job_id)

    def tell(output: Output) -> None:
        peer.on_close.pop(channel, None)
        told: Params = {"channel": channel}
        if len(json.dumps(output)) <= ROOM:
            told["output"] = output
        peer.notify("notified", told)

    peer.on_close[channel] = lambda: endings.forget(job_id, tell)
    endings.watch(job_id, tell)


def _listen_to_action(peer: Session, channel: str) -> None:
    listener = peer.api.service.listener

    def tell(_: str) -> None:
        peer.notify("notified", {"channel": channel})

    peer.on_close[channel] = lambda: listener.remove(channel, tell)
    listener.hear(channel, tell)
    peer.start_pings()


# The calls that are more than their statement.


def _who(peer: Session, params: Params) -> str:
    assert peer.who is not None, "only ping and hello come before hello"
    if params.get("impersonate") not in (None, peer.who):
        raise PermissionDenied(f"{peer.who} may not act for {params['impersonate']} here")
    return peer.who


def _worker(peer: Session, params: Params) -> str:
    worker = params["worker"]
    if not isinstance(worker, str) or not worker or peer.who is None:
        raise InvalidArguments("a worker needs a name")
    return worker_name(peer.who, worker)


async def _run(peer: Session, name: str, params: Params) -> list[Row]:
    """As it is, for the role that the peer is."""
    if "impersonate" in params:
        params["impersonate"] = _who(peer, params)
    return await peer.api.service.run(_rows(name, params))


def _rows(name: str, params: Mapping[str, object]) -> Statement[list[Row]]:
    return Statement(SQL[name], params, lambda rows: [dict(row) for row in rows])


async def _create_job(peer: Session, name: str, params: Params) -> list[Row]:
    order = Order(
        params["workflow"],
        params["args"],
        _who(peer, params),
        params["tag"],
        params["env"],
        params["key"],
    )
    if not all(isinstance(value, str) for value in (order.workflow, order.args)):
        raise InvalidArguments("a job needs a workflow and arguments")
    return [{"o_job_id": await peer.api.service.create(_checked(order))}]


def _checked(order: Order) -> Order:
    """The arguments go into a batch as text: they must be one JSON value, lest they become two jobs."""
    try:
        json.loads(order.args)
    except (ValueError, RecursionError) as error:
        raise InvalidArguments(f"the arguments are not JSON: {error}") from None
    return order


async def _get_job_status(peer: Session, name: str, params: Params) -> list[Row]:
    status = await peer.api.service.status(_job(params), _who(peer, params))
    return [{name: status.outcome}]


async def _steer(peer: Session, name: str, params: Params) -> list[Row]:
    who = params["impersonate"] = _who(peer, params)
    return await peer.api.service.steer(_job(params), who, _rows(name, params))


def _job(params: Params) -> int:
    job = params["job"]
    if not isinstance(job, int):
        raise InvalidArguments("a job's number is a whole number")
    return job


async def _find_jobs(peer: Session, name: str, params: Params) -> list[Row]:
    found = await peer.api.service.run(calls.find_jobs(params["filter"], FOUND, _who(peer, params)))
    return [{name: job_id} for job_id in found]


async def _get_workflow_info(peer: Session, name: str, params: Params) -> list[Row]:
    wanted = calls.workflow_info(params["workflow"], params["tag"], _who(peer, params))
    return [{name: await peer.api.service.run(wanted)}]


async def _for_master(peer: Session, name: str, params: Params) -> list[Row]:
    if peer.who != MASTER:
        raise PermissionDenied(f"{name} is for {MASTER}")
    return await _run(peer, name, params)


async def _announce(peer: Session, name: str, params: Params) -> list[Row]:
    who, worker = _who(peer, params), _worker(peer, params)
    rows = await _run(peer, name, {**params, "worker": worker, "impersonate": who})
    await peer.api.service.run(calls.ping([rows[0]["o_worker_id"]]))
    peer.desk.joined(worker, rows[0]["o_worker_id"])
    peer.start_pings()
    return rows


async def _get_tasks(peer: Session, name: str, params: Params) -> list[Row]:
    worker, limit = _worker(peer, params), params["limit"]
    if worker not in peer.desk.worker_names or not isinstance(limit, int):
        raise PermissionDenied("a worker announces its actions before it gets tasks")
    claim = Claim(worker, params["action"], min(limit, 1000))
    tasks = await peer.api.service.claim(claim)
    if peer.is_closing:
        await peer.desk.give_back(tasks)
        return []
    for task in tasks:
        peer.desk.took(worker, task.cookie)
    rows = [_row(task) for task in tasks]
    return await _fitting(peer, rows)


def _row(task: Task) -> Row:
    return {
        "o_job_id": task.job_id,
        "o_job_cookie": task.cookie,
        "o_in_args": task.arguments,
        "o_env": task.environment,
    }


async def _fitting(peer: Session, rows: list[Row]) -> list[Row]:
    """As many tasks as go into one answer; the others go back. One that fits into none fails."""
    fitting: list[Row] = []
    length = 0
    for place, row in enumerate(rows):
        length += len(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if length > ROOM:
            if not fitting:
                await peer.desk.refuse(row["o_job_cookie"])
                return await _fitting(peer, rows[1:])
            await peer.desk.give_back_cookies([row["o_job_cookie"] for row in rows[place:]])
            return fitting
        fitting.append(row)
    return fitting


async def _tasks_done(peer: Session, name: str, params: Params) -> list[Row]:
    cookies, outs = params["cookies"], params["outs"]
    try:
        outputs = json.loads(outs) if isinstance(outs, str) else None
    except (ValueError, RecursionError) as error:
        raise InvalidArguments(f"the answers are not JSON: {error}") from None
    if not isinstance(cookies, list) or not isinstance(outputs, list):
        raise InvalidArguments("cookies and answers are lists")
    if len(cookies) != len(outputs):
        raise InvalidArguments(f"{len(cookies)} cookies, but {len(outputs)} answers")
    receipts = await peer.desk.answer_all(
        {cookie: json.dumps(output) for cookie, output in zip(cookies, outputs, strict=True)}
    )
    return [{"o_job_cookie": cookie, "o_receipt": receipts[cookie]} for cookie in cookies]


async def _beat(peer: Session, name: str, params: Params) -> list[Row]:
    worker = _worker(peer, params)
    if worker not in peer.desk.worker_names:
        return [{"alive": False, "waiting": [], "lost": []}]
    rows = await _run(peer, name, {**params, "worker": worker})
    for task in rows[0]["lost"]:
        peer.desk.took(worker, task["o_job_cookie"])
    rows[0]["lost"] = await _fitting(peer, rows[0]["lost"])
    return rows


async def _disconnect(peer: Session, name: str, params: Params) -> list[Row]:
    worker = _worker(peer, params)
    rows = await _run(peer, name, {"worker": worker})
    peer.desk.parted(worker)
    return rows


Do: TypeAlias = Callable[["Session", str, Params], Awaitable[list[Row]]]

CALLS: Final[Mapping[str, Do]] = {
    "create_job": _create_job,
    "get_job_status": _get_job_status,
    "cancel_job": _steer,
    "retry_job": _steer,
    "find_jobs": _find_jobs,
    "get_workflow_info": _get_workflow_info,
    "disable_action": _for_master,
    "get_stale_actions": _for_master,
    "announce": _announce,
    "get_tasks": _get_tasks,
    "tasks_done": _tasks_done,
    "beat": _beat,
    "disconnect": _disconnect,
}
