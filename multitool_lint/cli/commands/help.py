"""Print the help of a command, or the list of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli import COMMANDS, command_parser
from multitool_lint.cli.output import streams

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_HELP = """\
usage: multitool-lint [COMMAND] [OPTIONS] [FILES...]

Lint AWS IAM policies in JSON, YAML, Terraform and Markdown files: offline, without credentials.

commands:
{commands}

Without a command, `check` runs; without FILES, it checks the current folder.

options:
  -h, --help     print this help; `multitool-lint help COMMAND` prints that of a command
  -V, --version  print the version, and the date of the catalog of AWS actions

exit codes:
  0  no findings
  1  findings at or above --fail-on
  2  something could not be checked, or the configuration or command line is not valid
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("command", nargs="?", choices=tuple(COMMANDS), help="the command")


def run(arguments: Namespace) -> int:
    """Print the help, and return the exit code."""
    if arguments.command is None:
        return print_commands()
    streams.out(command_parser(arguments.command).format_help())
    return 0


def print_commands() -> int:
    """Print the list of commands, and return the exit code."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{summary}" for name, summary in COMMANDS.items()]
    streams.out(_HELP.format(commands="\n".join(lines)))
    return 0
