"""The description of the HTTP face as an OpenAPI document. Written by hand: it is the contract, and `http` is tested against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jobcenter.api.tokens import SCOPES

Json = dict[str, Any]

# No NUL: the database cannot store one.
TEXT: Final[Json] = {"type": "string", "pattern": r"^[^\u0000]*$"}
JOB_ID: Final[Json] = {
    "type": "integer",
    "format": "int64",
    "minimum": 1,
    "maximum": 2**63 - 1,
}
OBJECT: Final[Json] = {"type": "object", "additionalProperties": True}

JOB_PATH: Final[Json] = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "schema": JOB_ID,
    "description": "The job's number.",
}

SCHEMAS: Final[Json] = {
    "NewJob": {
        "type": "object",
        "additionalProperties": False,
        "required": ["workflow"],
        "properties": {
            "workflow": {**TEXT, "minLength": 1, "description": "The workflow's name."},
            "args": {**OBJECT, "description": "Its inputs.", "default": {}},
            "tag": {
                **TEXT,
                "type": ["string", "null"],
                "description": "The version with this tag.",
            },
            "env": {
                **OBJECT,
                "type": ["object", "null"],
                "description": "Joins the job's environment.",
            },
        },
        "example": {"workflow": "calltest", "args": {"input": 123}},
    },
    "Created": {
        "type": "object",
        "required": ["job_id"],
        "properties": {"job_id": JOB_ID},
    },
    "Job": {
        "type": "object",
        "required": ["job_id", "state"],
        "properties": {
            "job_id": JOB_ID,
            "state": {"enum": ["running", "finished", "failed"]},
            "output": {**OBJECT, "description": "Of a finished job."},
            "error": {
                **OBJECT,
                "description": "Of a failed job: `class`, `msg`, and more.",
            },
        },
    },
    "Jobs": {
        "type": "object",
        "required": ["jobs"],
        "properties": {"jobs": {"type": "array", "items": JOB_ID}},
    },
    "Cancel": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "reason": {**TEXT, "type": ["string", "null"]},
            "force": {
                "type": ["boolean", "null"],
                "description": "Past any `try` of the workflow.",
            },
        },
    },
    "Cancelled": {
        "type": "object",
        "required": ["cancelled"],
        "properties": {
            "cancelled": {"type": "boolean", "description": "False: it had ended already."}
        },
    },
    "Retry": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"reason": {**TEXT, "type": ["string", "null"]}},
    },
    "Retried": {
        "type": "object",
        "required": ["retried"],
        "properties": {
            "retried": {"type": "boolean", "description": "False: there was nothing to try again."}
        },
    },
    "Event": {
        "type": "object",
        "additionalProperties": False,
        "required": ["event"],
        "properties": {"event": OBJECT},
    },
    "Raised": {
        "type": "object",
        "required": ["subscriptions"],
        "properties": {"subscriptions": {"type": "integer", "minimum": 0}},
    },
    "Workflow": {**OBJECT, "description": "Inputs, outputs, version, documentation."},
    "Health": {
        "type": "object",
        "required": ["database"],
        "properties": {"database": {"const": "there"}},
    },
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
}

PROBLEMS: Final[Mapping[int, str]] = {
    400: "The body, or a parameter, is no JSON.",
    401: "No token, or one that is not known.",
    403: "The token, or its role, is not for this.",
    404: "There is no such job, workflow or path.",
    409: "The workflow is switched off.",
    413: "The body is too long.",
    415: "The body is not application/json.",
    422: "What was sent does not fit; `detail` says why.",
    503: "The database is away, or takes no writes.",
}


def document() -> Json:
    """The whole of it, as JSON values."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "JobCenter",
            "version": "1",
            "description": "Jobs of workflows: create them, watch them, steer them.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {
            "/v1/jobs": {"post": _create(), "get": _search()},
            "/v1/jobs/{job_id}": {"get": _status()},
            "/v1/jobs/{job_id}/result": {"get": _result()},
            "/v1/jobs/{job_id}/events": {"get": _events()},
            "/v1/jobs/{job_id}/cancel": {"post": _steer("cancel", "Cancel", "Cancelled")},
            "/v1/jobs/{job_id}/retry": {"post": _steer("retry", "Retry", "Retried")},
            "/v1/events": {"post": _raise()},
            "/v1/workflows/{name}": {"get": _workflow()},
            "/v1/health": {"get": _health()},
            "/v1/openapi.json": {"get": _self()},
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"Made by `jobcenter api-token`, for one of {', '.join(SCOPES)}.",
                }
            },
        },
    }


def _operation(
    id_: str, summary: str, scope: str, answers: Json, *problems: int, **more: Any
) -> Json:
    return {
        "operationId": id_,
        "summary": summary,
        "description": f"For tokens of scope `{scope}`.",
        "responses": {**answers, **{str(code): _problem(code) for code in (401, 403, *problems)}},
        **more,
    }


def _problem(code: int) -> Json:
    return {
        "description": PROBLEMS[code],
        "content": {"application/problem+json": {"schema": _ref("Problem")}},
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: str, **more: Any) -> Json:
    return {
        "description": description,
        "content": {"application/json": {"schema": _ref(schema)}},
        **more,
    }


def _request(schema: str, *, required: bool) -> Json:
    return {
        "required": required,
        "content": {"application/json": {"schema": _ref(schema)}},
    }


def _create() -> Json:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "description": "The same key gives the same job: a request that got no answer may be repeated.",
    }
    trace = {
        "name": "traceparent",
        "in": "header",
        "schema": {"type": "string"},
        "description": "A trace context (W3C): the job's spans hang below it. What is none is ignored.",
    }
    location = {"Location": {"schema": {"type": "string"}, "description": "The job."}}
    answers = {"201": _answer("The job is created.", "Created", headers=location)}
    return _operation(
        "createJob",
        "Create a job.",
        "client",
        answers,
        *(400, 404, 409, 413, 415, 422, 503),
        parameters=[key, trace],
        requestBody=_request("NewJob", required=True),
    )


def _search() -> Json:
    parameters = [
        {
            "name": "args",
            "in": "query",
            "description": "An object: jobs whose inputs contain it.",
            "content": {"application/json": {"schema": OBJECT}},
        },
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        },
    ]
    answers = {"200": _answer("Their numbers, the newest first.", "Jobs")}
    return _operation(
        "findJobs",
        "Find jobs by their inputs, archived ones left out.",
        "viewer",
        answers,
        *(400, 422, 503),
        parameters=parameters,
    )


def _status() -> Json:
    return _operation(
        "getJob",
        "See how a job stands.",
        "viewer",
        {"200": _answer("How it stands.", "Job")},
        *(404, 422, 503),
        parameters=[JOB_PATH],
    )


def _result() -> Json:
    timeout = {
        "name": "timeout",
        "in": "query",
        "description": "Seconds to wait.",
        "schema": {"type": "number", "minimum": 0, "maximum": 300, "default": 30},
    }
    answers = {
        "200": _answer("The job has ended.", "Job"),
        "202": _answer("It has not ended in that time.", "Job"),
    }
    return _operation(
        "awaitJob",
        "Wait for a job's end.",
        "viewer",
        answers,
        *(404, 422, 503),
        parameters=[JOB_PATH, timeout],
    )


def _events() -> Json:
    stream = {
        "description": "Events `progress` (`state`, `steps`, `task`, `line`, `calls`), and `end` with the job.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    return _operation(
        "watchJob",
        "Watch a job, as server-sent events.",
        "viewer",
        {"200": stream},
        *(404, 422, 503),
        parameters=[JOB_PATH],
    )


def _steer(verb: str, request: str, answer: str) -> Json:
    summaries = {
        "cancel": "Cancel a job: it gets an error of class `abort`, or `fatal` with `force`.",
        "retry": "Hand out a job's task again, at once; a job that failed begins anew.",
    }
    return _operation(
        f"{verb}Job",
        summaries[verb],
        "operator",
        {"200": _answer("What came of it.", answer)},
        *(400, 404, 413, 415, 422, 503),
        parameters=[JOB_PATH],
        requestBody=_request(request, required=False),
    )


def _raise() -> Json:
    return _operation(
        "raiseEvent",
        "Raise an event for the jobs that have subscribed to one like it.",
        "client",
        {"200": _answer("For how many subscriptions it was.", "Raised")},
        *(400, 413, 415, 422, 503),
        requestBody=_request("Event", required=True),
    )


def _workflow() -> Json:
    parameters = [
        {
            "name": "name",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        },
        {"name": "tag", "in": "query", "schema": {"type": "string"}},
    ]
    return _operation(
        "getWorkflow",
        "See what a workflow takes and gives.",
        "viewer",
        {"200": _answer("What is to be known of it.", "Workflow")},
        *(404, 422, 503),
        parameters=parameters,
    )


def _health() -> Json:
    return {
        "operationId": "getHealth",
        "summary": "See whether the database is there.",
        "security": [],
        "responses": {"200": _answer("It is.", "Health"), "503": _problem(503)},
    }


def _self() -> Json:
    content = {"application/json": {"schema": OBJECT}}
    return {
        "operationId": "getOpenApi",
        "summary": "This document.",
        "security": [],
        "responses": {"200": {"description": "The document.", "content": content}},
    }
