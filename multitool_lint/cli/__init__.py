"""The command line: arguments to engine to reporter to exit code, one module a command."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import warnings

from multitool_lint.cli.output import streams
from multitool_lint.syntax.printable import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, NoReturn

    from multitool_lint.cli.options.parser import Parser

COMMANDS = {
    "check": "find mistakes and excessive access in policies; --fix applies safe fixes",
    "fix": "apply safe fixes to files",
    "diff": "compare the access that two versions of a policy grant",
    "can": "say whether a policy allows an action: yes, no, or on what that depends",
    "needs": "list the actions that applying a Terraform plan or a template takes",
    "who-can": "list the roles and users of files that may do an action, also through other roles",
    "test": "run tests of what policies and identities can and cannot do",
    "expand": "replace wildcards in actions with the actions that they match",
    "shrink": "shorten policies without changing access",
    "tighten": "reduce access to what is used, to access levels, resources or services",
    "explain": "print the page of a rule",
    "rules": "list the rules",
    "query": "look up actions, their access levels, resource types and condition keys",
    "show": "print the document of a managed policy of AWS, also of an older version",
    "catalog": "print the date and sources of the catalog of AWS actions, or update it",
    "config": "print the settings that apply to files, and where each is set",
    "server": "run the language server for editors",
    "mcp": "run the server for assistants, over the Model Context Protocol",
    "init": "write a commented configuration",
    "completion": "print a completion script for a shell",
    "help": "print the help of a command",
    "version": "print the versions of the program, its catalog and its engines, for bug reports",
}

ALIASES = {"rule": "explain"}
"""Other names of commands, as other linters have them."""

_SYNONYMS = {"lint": "check", "scan": "check", "validate": "check"}
"""What other linters call a command."""


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
        from contextlib import suppress  # saves start-up

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
    first = argv[0] if argv else ""
    first = ALIASES.get(first, first)
    if first in {"-h", "--help"}:
        from multitool_lint.cli.commands.help import print_commands

        return print_commands()
    if first in {"-V", "--version"}:
        from multitool_lint.cli.commands.version import print_version

        return print_version()
    if first in COMMANDS:
        return _run_command(first, argv[1:])
    if first and not first.startswith("-") and not os.path.lexists(first):
        from multitool_lint.diagnostics.suggestion import close_name

        if intended := _SYNONYMS.get(first) or close_name(first, COMMANDS):
            import shlex

            command = shlex.join(["multitool-lint", intended, *argv[1:]])
            hint = f'did you mean "{intended}"? Run: {command}'
            streams.err(f'error: "{first}" is not a file or a command; {hint}\n')
            return 2
    return _run_command("check", argv)


def _run_command(name: str, argv: list[str]) -> int:
    from multitool_lint.config import ConfigError

    try:
        arguments = command_parser(name).parse_words(argv)
        with warnings.catch_warnings():
            # Whatever PYTHONWARNINGS says: each is printed, and once.
            warnings.simplefilter("default", FutureWarning)
            warnings.showwarning = _print_warning
            return _result(name, arguments)
    except ConfigError as error:
        for mistake in error.args:
            streams.err(f"error: {mistake}\n")
        return 2


def _print_warning(message: Warning | str, *_: Any, **__: Any) -> None:  # noqa: ANN401  # of any
    streams.err(f"warning: {message}\n")


def _result(name: str, arguments: Namespace) -> int:
    """The exit code of a command."""
    module = importlib.import_module(f"multitool_lint.cli.commands.{name.replace('-', '_')}")
    try:
        return int(module.run(arguments))
    except SystemExit as error:  # such as of a plugin: its exit code says nothing about the files
        raise RuntimeError(f"the run was ended with exit code {error.code}") from error


def command_parser(name: str) -> Parser:
    """The parser of a command's arguments."""
    from multitool_lint.cli.options.parser import Parser

    module = importlib.import_module(f"multitool_lint.cli.commands.{name.replace('-', '_')}")
    parser = Parser(name, module.__doc__)
    module.add_arguments(parser)
    return parser
