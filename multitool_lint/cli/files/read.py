"""The files that a command works on, read, and why it cannot work on some."""

from __future__ import annotations

import os
import sys

from multitool_lint.cli.files.discover import STDIN, add_discovery_arguments, discover
from multitool_lint.cli.files.target import Target
from multitool_lint.cli.options.groups import group
from multitool_lint.cli.options.settings import Settings, add_config_arguments
from multitool_lint.formats import is_code, is_output, is_yaml, read_source
from multitool_lint.formats.endings import (
    NOT_JSON_ENDINGS,
    format_name,
    may_hold_policies,
    unread_ending,
)
from multitool_lint.formats.recognize import (
    TERRAFORM_JSON_ENDINGS,
    resembles_policy,
    seems_to_have_policy,
)
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Source, is_pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report

_WORDS = ("tatement", "polic", "AWS::")
"""What one of is in a policy, of a file that cannot be decoded."""

_BLANK = f"{BYTE_ORDER_MARK} \t\r\n"


def add_file_arguments(parser: ArgumentParser) -> None:
    """Add the files and what is to be known of them."""
    parser.add_argument(
        "files",
        metavar="FILES",
        nargs="*",
        help="files of JSON, YAML, Terraform, documentation or scripts, folders with such files, "
        "or - for standard input",
    )
    options = group(parser, "files")
    options.add_argument(
        "--stdin-filename",
        metavar="NAME",
        help="the file name of standard input",
    )
    options.add_argument(
        "--discovered",
        action="store_true",
        help="treat named files as if found in a folder: skip those excluded or without a policy",
    )
    add_discovery_arguments(parser)
    add_config_arguments(parser)


def names_files(arguments: Namespace) -> bool:
    """Whether there is anything to look for files in; a program that names files may name none."""
    return bool(arguments.files or arguments.discovered or arguments.changed_since is not None)


def targets(arguments: Namespace) -> Iterator[Target]:
    """The files that the arguments name, each once, those in folders in alphabetical order.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    settings = Settings(arguments)
    for found in discover(arguments, settings):
        yield read(found, settings, arguments)


def read(target: Target, settings: Settings, arguments: Namespace) -> Target:
    """Read a file that was found, or standard input, and see whether it may hold a policy.

    Raises:
        ConfigError: the configuration of the file cannot be followed.
    """
    if target.path == STDIN:
        return _stdin(arguments.stdin_filename or "<stdin>", settings)
    if target.error or target.skipped:
        return target
    path = target.path
    try:
        data = reading.read_bytes(path)
    except (OSError, reading.UnreadableError) as error:
        skipped = None
        if isinstance(error, reading.TooLargeError):
            pass  # it may be a policy
        elif isinstance(error, reading.UnreadableError):
            skipped = Why(Reason.NOT_REGULAR)
        elif isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114 - Path is slow to import
            skipped = Why(Reason.BROKEN_LINK)
        if target.named or not skipped:
            # The shells of Windows expand no patterns.
            hint = "; name a folder to check the files in it" * ("*" in path)
            return target._replace(error=f"{reading.reason(error)}{hint}")
        return target._replace(skipped=skipped)
    return _of_bytes(data, settings, target)


def why_not_checked(report: Report) -> str:
    """Why nothing was checked in a file that was named."""
    if report.left_out:
        return f"not checked: {report.left_out.in_words()}"
    return f"no policy found: {report.why_empty.in_words()}"


def _stdin(path: str, settings: Settings) -> Target:
    if sys.stdin is None:
        return Target(path, named=True, error="standard input is closed")
    try:
        source = reading.decode(reading.read_stream(sys.stdin.buffer), path)
    except (OSError, reading.UnreadableError) as error:
        return Target(path, named=True, error=reading.reason(error))
    return Target(path, named=True, source=source, settings=settings.of(path))


def _of_bytes(data: bytes, settings: Settings, target: Target) -> Target:
    path, named = target.path, target.named
    # Most files in a folder are decided by their bytes: as many characters, each of them a byte's.
    # Without NULs, so is text in UTF-16 or UTF-32, which is not skipped.
    text = data.replace(b"\0", b"").decode("latin-1")
    likely = may_hold_policies(path, text)
    if not (named or likely):
        return target._replace(skipped=Why(Reason.BINARY if b"\0" in data else Reason.NO_POLICY))
    try:
        source = reading.decode(data, path)
    except reading.UnreadableError as error:
        if named or _may_have_policy(data, text, path):
            return target._replace(error=str(error))
        return target._replace(skipped=Why(Reason.NOT_UTF8))
    if not (named or may_concern_us(source)):
        return target._replace(skipped=Why(Reason.NO_POLICY))
    if reason := _why_not_read(source) if named else _why_not_checked(target):
        return target._replace(error=reason)
    return target._replace(source=source, settings=settings.of(path))


def _may_have_policy(data: bytes, text: str, path: str) -> bool:
    """Whether a file that cannot be decoded may have a policy; one in UTF-16 is read to know."""
    decoded = data.decode("utf-16", "replace") if data.startswith(reading.UTF16_MARKS) else "\0"
    if "\0" in decoded:
        return any(word in unescaped(text) for word in _WORDS)
    found = read_source(reading.Source(path, decoded))
    has_policy = found.policies or found.problems or found.stream
    return bool(has_policy) or any(skipped.unread for skipped in found.skipped)


def _why_not_read(source: Source) -> str | None:
    """Why a named file is not read, if neither its ending nor its text is that of a format."""
    ending = unread_ending(source.path)
    begins = source.text.lstrip(_BLANK)[:1]
    if not ending or begins in ("{", "[", '"', "") or is_yaml(source):
        return None
    return f'files ending in "{ending}" are not read'


def _why_not_checked(target: Target) -> str | None:
    """Why a file that was found through a symbolic link is not to be shown, even if it is wrong."""
    if target.named or target.outside is None or not os.path.islink(target.path):  # noqa: PTH114 - as above
        return None
    left = folder_left_by_link(target.path, target.outside)
    reason = f"not checked: a symbolic link leads out of {left}"
    return left and f"{reason}; to check the file, name {target.real}"


def may_concern_us(source: Source) -> bool:
    """Whether a file that was found may hold a policy, one with a syntax error included."""
    text = source.text
    if not may_hold_policies(source.path, text):
        return False
    if is_pointer(text):
        return True
    # What is not JSON is read by what finds the mistakes of its own format.
    is_other = format_name(source.path).endswith((*NOT_JSON_ENDINGS, *TERRAFORM_JSON_ENDINGS))
    if is_other or is_code(source) or is_yaml(source):
        return True
    if is_output(source) or resembles_policy(text):
        return True
    import json

    try:
        json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        # JSON with comments, say, for another tool: its mistakes are not reported.
        return seems_to_have_policy(text)
    return True
