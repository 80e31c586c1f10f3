"""The whole command line, and the texts of `--help`. Runs nothing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from jobcenter.cli.values import STATES, port, positive, seconds
from jobcenter.version import add_version

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

STATUS = "exit status: 0 done, 1 the job failed or the database refused, 2 usage, 3 no database"
DATABASE = """\
The database is the one of --dsn, else of $JOBCENTER_DSN, else of the nearest jobcenter.toml upwards, else an embedded
Postgres in the project's folder, which is started when it is needed."""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jobcenter",
        description="Runs workflows on Postgres: the Maestro, workers, and all that is to be known of jobs.\n\n"
        + DATABASE,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _database(commands)
    _processes(commands)
    _api(commands)
    _call(commands)
    _jobs(commands)
    _overviews(commands)
    _definitions(commands)
    _diagnosis(commands)
    return parser


def _command(
    commands: Commands, name: str, function: str, summary: str, detail: str = "", example: str = ""
) -> argparse.ArgumentParser:
    """`function` is `MODULE:FUNCTION` in this package. All commands know --dsn and --json."""
    module, _, called = function.partition(":")
    command = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n{detail}".strip(),
        epilog=f"example:\n  {example}\n\n{STATUS}" if example else STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(module=module, function=called)
    command.add_argument(
        "--dsn", metavar="DSN", help="the database, as a libpq URI or key=value string"
    )
    command.add_argument("--json", action="store_true", help="answer in JSON, for programs")
    return command


def _group(commands: Commands, name: str, summary: str) -> Commands:
    group = commands.add_parser(name, help=summary, description=summary, epilog=STATUS)
    return group.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _database(commands: Commands) -> None:
    group = _group(commands, "db", "prepare the database, or see how it stands")
    for name, summary in (
        ("init", "put the schema into a database"),
        ("upgrade", "bring the schema to this program's version"),
    ):
        _command(
            group,
            name,
            "database:upgrade",
            summary,
            "In one transaction; does nothing where there is nothing to do.",
            f"jobcenter db {name}",
        )
    _command(
        group,
        "status",
        "database:status",
        "which database is used, and whether its schema is current",
        "Status 1 if it is not.",
    )


def _processes(commands: Commands) -> None:
    maestro = _command(
        commands,
        "maestro",
        "processes:maestro",
        "run a Maestro, which moves jobs along",
        "Any number may run at once, on any number of machines. Ends in order at SIGTERM or ctrl-C.",
        "jobcenter maestro --processes 2",
    )
    maestro.add_argument(
        "--processes",
        type=positive,
        default=1,
        metavar="N",
        help="executor processes, which run the workflows' code (default: 1)",
    )
    _observation(maestro)
    worker = _command(
        commands,
        "worker",
        "processes:worker",
        "run a worker, which does actions",
        "MODULE is imported with the working directory on the path. Ends at SIGTERM or ctrl-C, when what it has is done.",
        "jobcenter worker workers:worker",
    )
    worker.add_argument("worker", metavar="MODULE:WORKER", help="where the Worker object is")
    _observation(worker)
    step = _command(
        commands,
        "step",
        "processes:step",
        "do one step of a job by hand, as a Maestro would",
        "For learning, and for a job that is stuck. Takes and prints what is in the notification `jobtaskdone`.",
        "jobcenter step '(5,3,9)'",
    )
    step.add_argument(
        "jobtask", metavar="(WORKFLOW,TASK,JOB)", help="the numbers of workflow, task and job"
    )
    dev = _command(
        commands,
        "dev",
        "dev:dev",
        "all in one process tree: database, Maestro, workers, recompilation on save",
        "Deploys the workflows of the project, runs a Maestro and the workers of jobcenter.toml, and watches the files.\n"
        "What dies is started again. Ends at ctrl-C, and all it started with it.",
        "jobcenter dev examples",
    )
    dev.add_argument("folder", nargs="?", default=".", help="the project (default: here)")


def _api(commands: Commands) -> None:
    api = _command(
        commands,
        "api",
        "api:api",
        "serve clients and workers over the network",
        "JSON-RPC over netstrings, and HTTP, as section [api] of jobcenter.toml says. Ends in order at SIGTERM or ctrl-C.",
        "jobcenter api",
    )
    _observation(api)
    user = _command(
        commands,
        "api-user",
        "api:user",
        "put somebody into a password file of the API",
        "The password is asked for, or read from standard input.",
        "jobcenter api-user api.passwd theCustomer",
    )
    user.add_argument("file", metavar="FILE")
    user.add_argument("who", metavar="WHO")
    allow = _command(
        commands,
        "api-allow",
        "api:allow",
        "let the API act for somebody",
        "Makes the role WHO known to the database, and lets the API's login role (default: the one that this command has) stand in for it.",
        "jobcenter api-allow theCustomer theEmployee",
    )
    allow.add_argument("who", metavar="WHO", nargs="+")
    allow.add_argument("--login", metavar="ROLE", help="the role with which the API logs in")
    token = _command(
        commands,
        "api-token",
        "api:token",
        "make a bearer token for the API",
        "It is printed, and its hash goes into FILE.",
        "jobcenter api-token api.tokens deploy-bot --who theCustomer --scope client",
    )
    token.add_argument("file", metavar="FILE")
    token.add_argument("name", metavar="NAME", help="what the token is called")
    token.add_argument("--who", required=True, help="the role that it acts for")
    token.add_argument(
        "--scope",
        choices=("viewer", "client", "operator"),
        default="client",
        help="what it is good for: looking, also creating jobs, also stopping them (default: client)",
    )


def _call(commands: Commands) -> None:
    call = _command(
        commands,
        "call",
        "jobs:call",
        "create a job, wait for it, print its outputs",
        "ARGUMENTS is a JSON object, or `-` to read it from standard input.",
        """jobcenter call calltest '{"input": 123}'""",
    )
    call.add_argument("workflow", metavar="WORKFLOW")
    # Not optional: argparse of 3.11 would not find it behind an option then.
    call.add_argument("arguments", metavar="ARGUMENTS", help="a JSON object; {} for none")
    call.add_argument("--tag", help="the version with this tag")
    call.add_argument("--env", metavar="JSON", help="values for the job's environment")
    call.add_argument("--key", help="the same key gives the same job, not a second one")
    call.add_argument("--timeout", type=seconds, metavar="S", help="wait for so many seconds only")
    call.add_argument("--no-wait", action="store_true", help="print the job's number and leave")


def _jobs(commands: Commands) -> None:
    group = _group(commands, "job", "see jobs, and act on them")
    listing = _command(
        group, "list", "jobs:list_jobs", "the newest jobs", "", "jobcenter job list --state error"
    )
    listing.add_argument(
        "--state",
        choices=STATES,
        metavar="STATE",
        help="only jobs in this state (ready, working, error, …)",
    )
    listing.add_argument("--workflow", help="only jobs of this workflow")
    listing.add_argument("--limit", type=positive, default=20, metavar="N", help="default: 20")
    for name, function, summary in (
        ("show", "jobs:show", "all of one job, and what it waits for"),
        ("log", "jobs:log", "the steps of a job, in the order they ran"),
        ("tree", "jobs:tree", "a job with its parents and children"),
    ):
        _job(_command(group, name, function, summary, "", f"jobcenter job {name} 9"))
    cancel = _command(
        group,
        "cancel",
        "jobs:cancel",
        "end a job with an error",
        "",
        "jobcenter job cancel 9 --reason obsolete",
    )
    _job(cancel)
    _reason(cancel)
    cancel.add_argument(
        "--force",
        action="store_true",
        help="also while an action is being done, and past any `try`",
    )
    retry = _command(
        group,
        "retry",
        "jobs:retry",
        "try again the task that a job is at, or a job that failed",
        "A task that a worker has is taken from it, one that waits for its next try waits no longer: it is handed out at once,\n"
        "whatever the action's `retry` says. A job that failed begins anew, with its number, its arguments and its version of\n"
        "the workflow; not a child whose parent has its error: that begins anew with its parent.",
        "jobcenter job retry 9",
    )
    _job(retry)
    _reason(retry)
    find = _command(
        group,
        "find",
        "jobs:find",
        "the running jobs whose arguments contain a JSON object",
        "",
        """jobcenter job find '{"order": 77}'""",
    )
    find.add_argument("filter", metavar="JSON")


def _overviews(commands: Commands) -> None:
    workers = _command(
        commands, "workers", "overview:workers", "the workers, what they serve and do"
    )
    workers.add_argument("--all", action="store_true", help="also those that have stopped")
    _command(commands, "locks", "overview:locks", "the locks that are held, and who waits for them")
    errors = _command(
        commands, "errors", "overview:errors", "the newest jobs that failed, with their errors"
    )
    errors.add_argument("--limit", type=positive, default=20, metavar="N", help="default: 20")
    _command(
        commands,
        "stale",
        "overview:stale",
        "workflows that call an older version of something than the newest",
    )
    _command(
        commands,
        "stats",
        "overview:stats",
        "how it goes: jobs by state, the queues of the actions, what has ended, what is late",
    )
    events = _group(commands, "events", "raise events")
    raising = _command(
        events,
        "raise",
        "overview:raise_event",
        "raise an event: the jobs that wait for one like it go on",
        "",
        """jobcenter events raise '{"name": "paid", "order": 77}'""",
    )
    raising.add_argument("event", metavar="JSON")


def _definitions(commands: Commands) -> None:
    for name, summary in (
        ("disable", "keep a workflow or an action from being used"),
        ("enable", "let what was disabled be used again"),
    ):
        command = _command(
            commands,
            name,
            f"definitions:{name}",
            summary,
            "No job of a disabled workflow can be created; the tasks of a disabled action wait until it is enabled.\n"
            "A version that is deployed later is what the newest one was.",
            f"jobcenter {name} calltest",
        )
        command.add_argument("name", metavar="NAME")
        command.add_argument(
            "--kind",
            choices=("workflow", "action", "procedure"),
            default="workflow",
            help="what it is (default: workflow)",
        )
        command.add_argument(
            "--version", type=positive, metavar="N", help="only this version (default: all)"
        )


def _diagnosis(commands: Commands) -> None:
    _command(
        commands,
        "doctor",
        "diagnosis:doctor",
        "check the invariants of the database, while it is in use",
        "Every waiting job has something that will wake it, every lock a living owner, every child a parent, and more.\n"
        "Status 1 if one of them is violated.",
        "jobcenter doctor",
    )
    why = _command(
        commands,
        "why",
        "diagnosis:why",
        "what a job waits for, and why nobody serves it",
        "A job that waits for others is explained by theirs.",
        "jobcenter why 9",
    )
    _job(why)


def _job(command: argparse.ArgumentParser) -> None:
    command.add_argument("job", type=positive, metavar="JOB", help="the job's number")


def _reason(command: argparse.ArgumentParser) -> None:
    command.add_argument("--reason", help="goes into the job's log")


def _logging(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help="what is written to standard error (default: info)",
    )
    command.add_argument(
        "--log-format",
        choices=("console", "json"),
        default="console",
        help="lines for people, or a JSON object a line (default: console)",
    )


def _observation(command: argparse.ArgumentParser) -> None:
    _logging(command)
    command.add_argument(
        "--metrics-port",
        type=port,
        metavar="PORT",
        help="serve /metrics, /healthz and /readyz on this port (0: a free one)",
    )
    command.add_argument(
        "--metrics-host",
        default="127.0.0.1",
        metavar="HOST",
        help="the address of that port (default: 127.0.0.1)",
    )
    command.add_argument(
        "--traces",
        choices=("otlp", "console"),
        help="write traces: to $OTEL_EXPORTER_OTLP_ENDPOINT, or to standard error",
    )
