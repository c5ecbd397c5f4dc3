"""The standard streams: closed ones, terminals of few characters, readers that go away."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from multitool_lint.syntax.printable import OBEYED, escaped, escaped_lines, json_text

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from typing import TextIO


def prepare() -> None:
    """Let the standard streams escape what they cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        # A stream is None where it was closed, and of another class where a test has put its own.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


_status = ""


def status(text: str) -> None:
    """Show a line on a terminal until anything else is printed; an empty one takes it away."""
    global _status  # noqa: PLW0603 - there is one terminal
    if sys.stderr is not None and text != _status:
        _status = text
        sys.stderr.write(f"\r{text}\033[K")
        sys.stderr.flush()


def out(text: str, *, to_stderr: bool = False) -> None:
    """Print lines for people: colours are obeyed, and nothing else that is in them."""
    stream = _stream(to_stderr=to_stderr)
    if stream is not None:
        stream.write(escaped_lines(text))


def out_utf8(text: str, *, to_stderr: bool = False) -> None:
    """Print a result for programs: in UTF-8, whatever the terminal takes."""
    stream = _stream(to_stderr=to_stderr)
    if stream is not None:
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "backslashreplace"))


def out_verbatim(text: str) -> None:
    """Print lines of files for programs, in a job of CI so that none of them is obeyed.

    In the log of GitHub they are quoted. Azure Pipelines and TeamCity have no way to quote: there
    they are escaped if they have to be.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
    """
    jobs = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
    job = next((name for name in jobs if os.environ.get(name)), None)
    if job is None or not OBEYED.search(text.replace("\r", "\n")):
        out_utf8(text)
    elif job == "GITHUB_ACTIONS":
        from secrets import token_hex

        token = token_hex(16)
        out_utf8(f"::stop-commands::{token}\n{text}::{token}::\n")
    else:
        out(text)


def _stream(*, to_stderr: bool) -> TextIO | None:
    """A standard stream on which nothing else is under way; none if it is closed."""
    status("")
    if to_stderr and sys.stdout is not None:
        sys.stdout.flush()
    return sys.stderr if to_stderr else sys.stdout


def is_terminal() -> bool:
    """Whether results are printed on a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def out_json(value: object) -> None:
    """Print an answer for programs as JSON."""
    out_utf8(json_text(value, indent=2) + "\n")


def err(line: str) -> None:
    """Print a line that is not a result, after the results so far; what it quotes stays in it."""
    stream = _stream(to_stderr=True)
    if stream is not None:
        stream.write(escaped(line.removesuffix("\n")) + "\n")


def flush() -> None:
    """Print what is still buffered, while an error can still be reported."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def abandon() -> None:
    """Give up the standard streams that cannot be written to, so that nothing fails on them."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def width() -> int:
    """The columns that help may take, as `shutil.get_terminal_size` tells."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else -1).columns or 80
    except (ValueError, OSError):
        return 80  # closed, or no terminal


def add_format_argument(parser: ArgumentParser) -> None:
    """Add the option that chooses between text and JSON."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def add_colour_argument(parser: ArgumentParser) -> None:
    """Add the option that decides about colour."""
    parser.add_argument(
        "--color",
        "--colour",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR is heeded as well",
    )


def colour(choice: str, stream: TextIO | None = None) -> bool:
    """Whether to print in colour on a stream, on standard output if no other is given."""
    stream = stream or sys.stdout
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
