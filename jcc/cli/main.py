"""Arguments in, exit status out. Each command is a module of its own, imported only when it runs: start-up time counts."""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence

from jcc.config import SEVERITIES, ConfigError
from jcc.diagnostics.render import FORMATS
from jobcenter import stdout
from jobcenter.version import add_version

OK, FAILED, USAGE, NO_DATABASE, INTERRUPTED = 0, 1, 2, 3, 130

EXIT_STATUS = "exit status: 0 clean or done, 1 the check or the job failed, 2 usage or unreadable files, 3 no database"


def main(argv: Sequence[str] | None = None) -> int:
    """Run `jcc ARGUMENTS` and give its exit status. Entry point of the console script."""
    stdout.ensure()
    arguments = parse(argv)
    collects = gc.isenabled()
    gc.disable()  # a run makes little garbage, and the collector would walk all trees again and again
    try:
        command = importlib.import_module(f"jcc.cli.{arguments.module}")
        status: int = command.run(arguments)
        sys.stdout.flush()
    except ConfigError as error:
        print(f"jcc: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader (`| head`) has gone
        stdout.abandon()
        return OK
    except OSError as error:  # it is full, or a file cannot be used
        print(f"jcc: {error}", file=sys.stderr)
        stdout.abandon()
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        if collects:
            gc.enable()
    return status


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; ends the program (status 2) where they are wrong."""
    parser = build_parser()
    arguments, rest = parser.parse_known_args(argv)
    # argparse gives an optional positional its default as soon as an option stands before it.
    is_left = len(rest) == 1 and not rest[0].startswith("-")
    if is_left and arguments.module == "run" and arguments.arguments is None:
        arguments.arguments = rest.pop()
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return arguments


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, for `main`, the documentation and its tests."""
    parser = argparse.ArgumentParser(
        prog="jcc",
        description="The compiler of the JobCenter Language: checks, builds, deploys and runs workflows.",
        epilog=EXIT_STATUS,
    )
    add_version(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    check = _command(
        commands,
        "check",
        "report mistakes in workflow files",
        "Report every mistake in the files, and in all .wf and .ac files of the folders.\n"
        "Calls are resolved in the whole project: the nearest folder upward with a jcc.toml,\n"
        "jobcenter.toml, pyproject.toml or .git.",
        "jcc check examples\njcc check order.wf --format concise",
    )
    _paths(check)
    check.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="how findings are printed (default: text)",
    )
    check.add_argument(
        "--fail-level",
        choices=SEVERITIES,
        help="the least severity that makes the exit status 1 (default: warning)",
    )
    check.add_argument(
        "--fix", action="store_true", help="apply the fixes that change nothing but mistakes"
    )
    check.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix: also those that may change what a workflow does",
    )
    check.add_argument(
        "--diff", action="store_true", help="with --fix: show the changes, write nothing"
    )
    check.add_argument(
        "--statistics", action="store_true", help="count the findings by code instead"
    )
    check.add_argument(
        "--baseline", metavar="FILE", help="leave out the findings that this file knows"
    )
    check.add_argument(
        "--write-baseline", metavar="FILE", help="store all findings as known in a file, and stop"
    )

    build = _command(
        commands,
        "build",
        "compile to Python modules and rows",
        "Compile the files, and what they call, into a folder: a Python module, its bytecode, the\n"
        "artifact (.json) and the rows (.sql) of each definition. The same source gives the same bytes.",
        "jcc build examples -o build",
    )
    _paths(build)
    build.add_argument(
        "-o", "--output", metavar="DIR", default="build", help="where to (default: build)"
    )

    deploy = _command(
        commands,
        "deploy",
        "put workflows into the database",
        "Compile the files, and what they call, and store them as new versions in one transaction.\n"
        "What has not changed is not stored again.\n"
        "Versions with tags are for the jobs that ask for one of them (jobcenter call --tag A:B: the first that there is, else\n"
        "a version without); what they call is taken by the same tags. Deployed without tags, the same is for all.",
        "jcc deploy examples\njcc deploy order.wf --dry-run\njcc deploy order.wf --tags test",
    )
    _paths(deploy)
    _database(deploy)
    deploy.add_argument(
        "--tags",
        type=_tags,
        default=(),
        metavar="A:B",
        help="version tags, joined by colons",
    )
    deploy.add_argument(
        "--dry-run", action="store_true", help="say what would happen, change nothing"
    )
    deploy.add_argument(
        "--force", action="store_true", help="store a new version of unchanged ones too"
    )

    deploy.add_argument(
        "--replace",
        action="store_true",
        help="make what calls an older version call the new one, jobs on their way included",
    )
    deploy.add_argument("--json", action="store_true", help="answer in JSON, for programs")

    run = _command(
        commands,
        "run",
        "compile, deploy, run, print the output",
        "Compile a workflow and what it calls, deploy it, start a Maestro and the workers named in\n"
        "jobcenter.toml, run one job and print its output as JSON. Without a database named (--dsn,\n"
        "$JOBCENTER_DSN, jobcenter.toml) an embedded Postgres is started in the project's folder.",
        "jcc run examples/calltest.wf '{\"input\": 123}'",
    )
    run.add_argument("file", metavar="FILE", help="a .wf file; its first workflow is run")
    run.add_argument("arguments", metavar="JSON", nargs="?", help="the inputs (default: {})")
    run.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="give up waiting after this time"
    )
    _database(run)

    explain = _command(
        commands,
        "explain",
        "what a diagnostic means",
        "Print the page of a diagnostic: what it means, an example, what to write instead.",
        "jcc explain JCC201\njcc explain unknown-action",
    )
    explain.add_argument(
        "code", metavar="CODE", nargs="?", help="a code or a name; without it, a list of all"
    )

    fmt = _command(
        commands,
        "fmt",
        "format files",
        "Bring the files into the one layout: indentation, blanks, columns; never what a workflow does.\n"
        "`-` formats standard input. Tabs, or the `indent` of the project's configuration.",
        "jcc fmt .\njcc fmt --check .\njcc fmt - < order.wf",
    )
    _paths(fmt)
    fmt.add_argument(
        "--check", action="store_true", help="change nothing; status 1 if a file would change"
    )
    fmt.add_argument("--diff", action="store_true", help="change nothing, show what would change")

    migrate = _command(
        commands,
        "migrate",
        "rewrite Perl blocks",
        "Rewrite code blocks in Perl as native JCL where that can say it, else as Python blocks. The\n"
        "result gives the same values.",
        "jcc migrate old.wf --diff\njcc migrate workflows",
    )
    _paths(migrate)
    migrate.add_argument(
        "--diff", action="store_true", help="change nothing, show what would change"
    )

    catalog = _command(
        commands,
        "catalog",
        "write down what is deployed",
        'Print the signatures of what is deployed as JSON. With `catalog = "catalog.json"` in jcc.toml they\n'
        "count as known where no file defines the name, so that a check needs no database.",
        "jcc catalog > catalog.json",
    )
    catalog.add_argument(
        "--dsn",
        help="the database (default: `catalog` of jcc.toml, $JOBCENTER_DSN, jobcenter.toml, the embedded Postgres)",
    )

    graph = _command(
        commands,
        "graph",
        "draw the task graph",
        "Print the task graph of the workflows in a file: dot for Graphviz, mermaid for Markdown, or a\n"
        "drawing in SVG.",
        "jcc graph examples/casetest.wf --format svg > casetest.svg",
    )
    graph.add_argument("file", metavar="FILE", help="a .wf file")
    graph.add_argument(
        "--format", choices=("dot", "mermaid", "svg"), default="dot", help="default: dot"
    )

    dump = _command(
        commands,
        "dump",
        "show a stage of the compiler",
        "Print what a stage of the compiler makes of a file.",
        "jcc dump examples/calltest.wf tasks",
    )
    dump.add_argument("file", metavar="FILE", help="a .wf or .ac file")
    dump.add_argument(
        "stage",
        choices=("tokens", "tree", "typed", "tasks", "python", "bytecode"),
        help="tokens: the lexer's; tree: the syntax tree; typed: with the types; tasks: the task graph; "
        "python: the generated module; bytecode: its instructions",
    )

    lsp = _command(
        commands,
        "lsp",
        "the language server",
        "Serve an editor: on standard input and output, or on a TCP port, one client after the other.",
        "jcc lsp\njcc lsp --tcp 2087",
    )
    lsp.add_argument(
        "--tcp",
        type=_address,
        metavar="[HOST:]PORT",
        help="listen there instead (host: 127.0.0.1; port 0: any that is free)",
    )
    lsp.add_argument("--stdio", action="store_true", help="use the standard streams (the default)")
    add_version(lsp)
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"`{text}` is no port and no HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    description: str,
    examples: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog="examples:\n  " + examples.replace("\n", "\n  ") + "\n\n" + EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(module=name)
    return command


def _tags(text: str) -> list[str]:
    tags = text.split(":")
    if "" in tags:
        raise argparse.ArgumentTypeError(f"`{text}` holds an empty tag")
    return tags


def _paths(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", metavar="PATH", nargs="+", help="files and folders")


def _database(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dsn",
        help="the database (default: $JOBCENTER_DSN, then jobcenter.toml, then an embedded Postgres)",
    )
