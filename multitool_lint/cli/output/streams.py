"""The standard streams: closed ones, terminals of few characters, readers that go away."""

from __future__ import annotations

import os
import sys

from multitool_lint.syntax.printable import OBEYED, escaped, escaped_lines, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from typing import TextIO


_defers = False
_lost: OSError | None = None


def prepare() -> None:
    """Let the standard streams escape what they cannot encode."""
    global _defers, _lost
    _defers, _lost = False, None
    for stream in (sys.stdout, sys.stderr):
        # A stream is None where it was closed, and of another class where a test has put its own.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def defer_errors() -> None:
    """Go on where a standard stream cannot be written to, and raise the error in `flush`.

    For runs that write files as well: these must not be lost with the reader of the stream.
    """
    global _defers  # noqa: PLW0603 - as above
    _defers = True


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
    _put(escaped_lines(text), to_stderr=to_stderr)


def out_utf8(text: str, *, to_stderr: bool = False) -> None:
    """Print a result for programs: in UTF-8, whatever the terminal takes."""
    _put(text.encode("utf-8", "backslashreplace"), to_stderr=to_stderr)


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


def _put(text: str | bytes, *, to_stderr: bool) -> None:
    """Write to a standard stream, with nothing else under way on the other; not if it is closed."""
    status("")
    if to_stderr:
        _write(sys.stdout, "")
    _write(sys.stderr if to_stderr else sys.stdout, text)


def _write(stream: TextIO | None, text: str | bytes) -> None:
    """Write a text to a stream, or without one what is buffered."""
    global _lost  # noqa: PLW0603 - as above
    if stream is None:
        return
    try:
        if isinstance(text, str) and text:
            stream.write(text)
            return
        stream.flush()
        if isinstance(text, bytes):
            stream.buffer.write(text)
    except OSError as error:
        if not _defers:
            raise
        _lost = _lost or error
        _discard(stream)


def _discard(stream: TextIO) -> None:
    """Let what is written to a stream go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_terminal() -> bool:
    """Whether results are printed on a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def out_json(value: object) -> None:
    """Print an answer for programs as JSON."""
    out_utf8(json_text(value, indent=2) + "\n")


def err(line: str) -> None:
    """Print a line that is not a result, after the results so far; what it quotes stays in it."""
    _put(escaped(line.removesuffix("\n")) + "\n", to_stderr=True)


def flush() -> None:
    """Print what is still buffered, while an error can still be reported; raise the first one."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    if _lost:
        raise _lost


def abandon() -> None:
    """Give up the standard streams that cannot be written to, so that nothing fails on them."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            if stream is not None:
                _discard(stream)


def width() -> int:
    """The columns available for help, as from `shutil.get_terminal_size`."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else -1).columns or 80
    except (ValueError, OSError):
        return 80  # closed, or no terminal


FORMAT_OPTIONS = ("-f", "--format", "--output-format")


def add_format_argument(parser: ArgumentParser) -> None:
    """Add the option that chooses between text and JSON."""
    parser.add_argument(
        *FORMAT_OPTIONS, choices=("text", "json"), default="text", help="default: text"
    )


def add_colour_argument(parser: ArgumentParser) -> None:
    """Add the option that decides about colour."""
    parser.add_argument(
        "--color",
        "--colour",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto: colour on a terminal unless NO_COLOR is set, or if FORCE_COLOR is set",
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
