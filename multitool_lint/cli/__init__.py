"""The command line: arguments to engine to reporter to exit code, one module a command."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from multitool_lint._version import __version__
from multitool_lint.cli.output import streams
from multitool_lint.syntax.printable import escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, HelpFormatter, Namespace

COMMANDS = {
    "check": "find what is wrong in policies, and fix it with --fix",
    "fix": "apply safe fixes to files",
    "diff": "compare what two versions of a policy grant",
    "expand": "replace wildcards in actions by the actions that they match",
    "shrink": "make policies shorter without a change of access",
    "tighten": "make policies grant less: what is used, some access levels, certain resources",
    "explain": "print the page of a rule",
    "rules": "list the rules",
    "query": "look up actions: access level, resource types, condition keys",
    "catalog": "print how old the catalog of AWS actions is, or update it",
    "config": "print which settings apply to files, and the line or option that sets them",
    "completion": "print what lets a shell complete commands, options and rules",
}

ALIASES = {"rule": "explain"}
"""Other names of commands, as other linters have them."""

USAGE = """\
usage: multitool-lint [COMMAND] [OPTIONS] FILES...

Lint AWS IAM policies in JSON, YAML, Terraform, Markdown and more: offline, without credentials.
"""

HELP = f"""{USAGE}
commands:
{{commands}}

Without a command, `check` runs: multitool-lint policy.json

options:
  -h, --help     print this help; `multitool-lint COMMAND --help` prints a command's
  -V, --version  print the version, and the date of the catalog of AWS actions

exit codes:
  0  nothing found
  1  findings
  2  something could not be linted: not readable, no policy though named, a syntax error,
     a mistake in the configuration or on the command line, an internal error
"""


def program() -> NoReturn:
    """Run the command line, and end the process without taking apart what the system frees."""
    # Most of what a short run makes stays until its end, and looking for garbage finds none.
    gc.set_threshold(50_000)
    os._exit(main())


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    try:
        streams.prepare()
        code = _run(sys.argv[1:] if argv is None else argv)
        streams.flush()
    except KeyboardInterrupt:
        return 130  # as a shell reports a program that the signal ended
    except Exception as error:  # noqa: BLE001 - Python would end with 1, which means findings
        streams.abandon()
        if message := _message(error):
            with suppress(OSError):
                streams.out(f"error: {message}\n", to_stderr=True)
        return 2
    return code


def _message(error: Exception) -> str:
    """What is printed about an exception that no command expects; nothing if nobody reads it."""
    if isinstance(error, BrokenPipeError):
        return ""
    if isinstance(error, OSError):
        # What concerns a file was caught where the file was opened.
        is_gone = isinstance(error, FileNotFoundError)
        place = error.filename or ("the current folder" if is_gone else "standard output")
        return escaped(f"{place}: {(error.strerror or str(error)).lower()}")
    from multitool_lint.aws.catalog.tables import CatalogError

    if isinstance(error, CatalogError):
        return escaped(f"{error}; {error.remedy}")
    import traceback

    name = "".join(traceback.format_exception_only(error)).rstrip()
    return f"internal error: {name}\n{traceback.format_exc().rstrip()}"


def _run(argv: list[str]) -> int:
    first = argv[0] if argv else "--help"
    first = ALIASES.get(first, first)
    if first in {"-h", "--help"}:
        width = max(map(len, COMMANDS)) + 2
        lines = [f"  {name:<{width}}{summary}" for name, summary in COMMANDS.items()]
        streams.out(HELP.format(commands="\n".join(lines)), to_stderr=not argv)
        return 0 if argv else 2
    if first in {"-V", "--version"}:
        return _print_version()
    if first in COMMANDS:
        return _run_command(first, argv[1:])
    if not first.startswith("-") and not os.path.lexists(first):
        from multitool_lint.diagnostics.suggestion import suggestion

        if hint := suggestion(first, COMMANDS):
            streams.err(f'error: "{first}" is neither a file nor a command{hint}\n')
            return 2
    return _run_command("check", argv)


def _print_version() -> int:
    from multitool_lint.cli.options.catalog import newest

    streams.out(f"multitool-lint {__version__} (catalog of {newest().date})\n")
    return 0


def _run_command(name: str, argv: list[str]) -> int:
    from multitool_lint.config import ConfigError

    module = importlib.import_module(f"multitool_lint.cli.commands.{name}")
    arguments = _parse(command_parser(name), argv)
    try:
        return int(module.run(arguments))
    except ConfigError as error:
        for mistake in error.args:
            streams.err(f"error: {mistake}\n")
        return 2
    except SystemExit as error:  # such as of a plugin: its exit code says nothing about the files
        raise RuntimeError(f"the run was ended with exit code {error.code}") from error


def command_parser(name: str) -> ArgumentParser:
    """The parser of a command's arguments."""
    from argparse import ArgumentParser

    class Parser(ArgumentParser):
        """Quotes words of the command line, such as a file name that is no option, escaped."""

        def error(self, message: str) -> NoReturn:
            super().error(escaped(message))

    module = importlib.import_module(f"multitool_lint.cli.commands.{name}")
    parser = Parser(
        prog=f"multitool-lint {name}",
        description=module.__doc__,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    return parser


def _formatter(prog: str) -> HelpFormatter:
    """The formatter of help; argparse makes one for each argument, of which only the last prints.

    Left to itself, it would import shutil to ask for the width of the terminal.
    """
    from argparse import RawDescriptionHelpFormatter

    return RawDescriptionHelpFormatter(prog, width=streams.width() - 2)


def _parse(parser: ArgumentParser, argv: list[str]) -> Namespace:
    """Parse the arguments, files before, between and after options.

    `parse_intermixed_args` does that too, but imports and formats what is needed for help.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    arguments, more = parser.parse_known_args(argv[:end])
    options = [word for word in more if word.startswith("-") and word != "-"]
    more += argv[end + 1 :]
    if options or (more and not hasattr(arguments, "files")):
        parser.error(f"unrecognized arguments: {' '.join(options or more)}")
    if more:
        arguments.files = [*arguments.files, *more]
    return arguments
