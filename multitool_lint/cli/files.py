"""Which files a command works on, and why it cannot work on some."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint import reading
from multitool_lint.cli.settings import Settings, add_config_arguments
from multitool_lint.config import FileSettings
from multitool_lint.loaders.shape import may_be_policy, resembles_policy
from multitool_lint.source import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from multitool_lint.source import Source

STDIN = "<stdin>"
MARKDOWN_ENDINGS = frozenset({".markdown", ".md"})
ENDINGS = frozenset({".json", *MARKDOWN_ENDINGS})
"""What the names of the files end in that are looked at in a folder."""

NO_POLICY = "no policy"
"""Why a file is skipped that holds none."""


NO_SETTINGS = FileSettings({})


class Target(NamedTuple):
    """A file to work on, or one that could not be read (`error`) or need not be (`skipped`).

    `named` tells a file that the user named, which must hold a policy, from one found in a folder.
    A file with a source has settings.
    """

    path: str
    named: bool
    source: Source | None = None
    error: str | None = None
    skipped: str | None = None
    settings: FileSettings = NO_SETTINGS


def add_file_arguments(parser: ArgumentParser) -> None:
    """Add the files and what is to be known of them."""
    parser.add_argument(
        "files",
        metavar="FILES",
        nargs="*",
        help="files of JSON or Markdown, folders to find them in, or - for standard input",
    )
    add_config_arguments(parser)
    parser.add_argument(
        "--stdin-filename",
        metavar="NAME",
        help="the name of what comes from standard input, for messages, format and configuration",
    )
    parser.add_argument(
        "--discovered",
        action="store_true",
        help="treat named files as if found in a folder: skip those that hold no policy",
    )


def targets(arguments: Namespace) -> Iterator[Target]:
    """The files that the arguments name, each once, those in folders in alphabetical order.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    settings = Settings(arguments)
    seen = set()
    for name in arguments.files:
        named = not arguments.discovered
        for target in _stdin(arguments, settings) if name == "-" else _at(name, settings, named):
            key = Path(target.path).resolve() if target.source and name != "-" else target.path
            if key not in seen:
                seen.add(key)
                yield target


def _stdin(arguments: Namespace, settings: Settings) -> Iterator[Target]:
    path = arguments.stdin_filename or STDIN
    if sys.stdin is None:
        yield Target(path, named=True, error="standard input is closed")
        return
    try:
        source = reading.decode(sys.stdin.buffer.read(), path)
    except (OSError, reading.UnreadableError) as error:
        yield Target(path, named=True, error=reading.reason(error))
    else:
        yield _readable(source, settings, named=True)


def _at(name: str, settings: Settings, named: bool) -> Iterator[Target]:  # noqa: FBT001
    if not is_folder(name):
        yield _file(name, settings, named=named)
        return
    unlistable: list[OSError] = []
    for folder, folders, files in os.walk(name, onerror=unlistable.append):
        folders[:] = sorted(each for each in folders if not _passed_over(each))
        for file in sorted(files):
            path = Path(folder, file)
            if path.suffix.lower() in ENDINGS:
                yield _file(str(path), settings, named=False)
    for error in unlistable:
        yield Target(str(error.filename), named=True, error=reading.reason(error))


def is_folder(name: str) -> bool:
    """Whether a name is that of a folder, which an empty one is not."""
    try:
        return bool(name) and Path(name).is_dir()
    except OSError:
        return False


def _passed_over(folder: str) -> bool:
    """Whether a folder holds what tools put there, not the user."""
    return folder.startswith(".") or folder == "node_modules"


def _file(path: str, settings: Settings, *, named: bool) -> Target:
    try:
        source = reading.read(path)
    except FileNotFoundError as error:
        if Path(path).is_symlink() and not named:
            return Target(path, named, skipped="broken symbolic link")
        return Target(path, named, error=reading.reason(error))
    except OSError as error:
        return Target(path, named, error=reading.reason(error))
    except reading.UnreadableError as error:
        if named or _mentions_statement(path):
            return Target(path, named, error=str(error))
        return Target(path, named, skipped="not text in UTF-8")
    return _readable(source, settings, named=named)


def _mentions_statement(path: str) -> bool:
    """Whether a file that is no UTF-8 text looks like a policy all the same, in UTF-16 perhaps."""
    file = Path(path)
    return file.is_file() and b"Statement" in file.read_bytes().replace(b"\0", b"")


def _readable(source: Source, settings: Settings, *, named: bool) -> Target:
    path = source.path
    if not named:
        suffix = Path(path).suffix.lower()
        if suffix not in ENDINGS and not source.text.lstrip().startswith("{"):
            return Target(path, named, skipped="neither JSON nor Markdown")
        if not _may_concern_us(source, markdown=suffix in MARKDOWN_ENDINGS):
            return Target(path, named, skipped=NO_POLICY)
    return Target(path, named, source, settings=settings.of(path))


def _may_concern_us(source: Source, *, markdown: bool) -> bool:
    """Whether a file that was found may hold a policy, one with a syntax error included."""
    text = source.text
    if not may_be_policy(text):
        return False
    if markdown or resembles_policy(text):
        return True
    import json

    try:
        json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        # JSON with comments, say, for another tool: its mistakes are none of our business.
        return False
    return True
