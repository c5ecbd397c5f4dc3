"""Write a commented configuration, multitool-lint.toml, into the current folder.

With --pre-commit, print an entry for .pre-commit-config.yaml instead.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from multitool_lint.cli.output import streams
from multitool_lint.config.model import FILE
from multitool_lint.formats.endings import ENDINGS

_ENDINGS = "|".join(ending.removeprefix(".") for ending in ENDINGS)
_FILES = rf"(?i)(?:\.(?:{_ENDINGS})|policy|(?:^|/)[^./]+)$"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--pre-commit",
        action="store_true",
        help="print a .pre-commit-config.yaml whose hooks run the installed multitool-lint",
    )
    parser.epilog = "exit codes: 0 done, 2 the file exists or could not be written"


def run(arguments: Namespace) -> int:
    """Write the configuration, and return the exit code."""
    if arguments.pre_commit:
        streams.out(_template("pre-commit.yaml").replace("{files}", _FILES))
        return 0
    from multitool_lint.cli.files.write import create

    create(Path(FILE), _template("config.toml"))
    streams.err(f"{FILE} written\n")
    return 0


def _template(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
