"""JobCenter: workflows whose state is in Postgres. What a program uses to start jobs and to do their actions.

The names are loaded when first asked for: the compiler imports `jobcenter.artifact` and must not pay for a database driver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobcenter.async_client import AsyncClient, AsyncJob
    from jobcenter.client import Client, Job
    from jobcenter.errors import (
        Disabled,
        InvalidArguments,
        JobCenterError,
        JobError,
        JobTimeout,
        NoDatabase,
        PermissionDenied,
        Refused,
        SoftError,
        Unavailable,
        UnknownAction,
        UnknownJob,
        UnknownWorkflow,
    )
    from jobcenter.statements import JobStatus
    from jobcenter.worker import Worker

__all__ = [
    "AsyncClient",
    "AsyncJob",
    "Client",
    "Disabled",
    "InvalidArguments",
    "Job",
    "JobCenterError",
    "JobError",
    "JobStatus",
    "JobTimeout",
    "NoDatabase",
    "PermissionDenied",
    "Refused",
    "SoftError",
    "Unavailable",
    "UnknownAction",
    "UnknownJob",
    "UnknownWorkflow",
    "Worker",
]

_HOMES = {
    "AsyncClient": "async_client",
    "AsyncJob": "async_client",
    "Client": "client",
    "Job": "client",
    "JobStatus": "statements",
    "Worker": "worker",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module `jobcenter` has no attribute `{name}`")
    value = getattr(import_module(f"jobcenter.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value
