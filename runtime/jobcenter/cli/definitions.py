"""`jobcenter disable` and `enable`: what is deployed, kept from being used, and let be used again. Nothing is deleted."""

from __future__ import annotations

from argparse import Namespace

from jobcenter.cli.output import print_json
from jobcenter.client import Client


def disable(arguments: Namespace) -> int:
    return _set(arguments, disabled=True)


def enable(arguments: Namespace) -> int:
    return _set(arguments, disabled=False)


def _set(arguments: Namespace, *, disabled: bool) -> int:
    name, kind, version = arguments.name, arguments.kind, arguments.version
    with Client(arguments.dsn) as client:
        changed = client.disable_action(name, kind, version, disabled=disabled)
    if arguments.json:
        print_json(changed)
        return 0
    what = f"{kind} {name}" + (f", version {version}," if version else "")
    print(f"{what} is {'disabled' if disabled else 'enabled'}")
    return 0
