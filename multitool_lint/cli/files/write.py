"""Texts on their way into files, and the diffs that show it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from multitool_lint.cli.output import streams
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.printable import diff_name, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from difflib import SequenceMatcher

PREFIX = ".multitool-lint-"
"""What the names of temporary files begin with.

A run holds a lock on each of them until it is put in place, and the lock ends with the run, however
it ends. So the next run can remove those that a killed run left behind: nobody holds them.
"""

_COMPARISONS = 10_000_000
"""The pairs of lines that are compared for a diff, for about a second; what is left is replaced."""

_cleared: set[Path] = set()


class WriteError(Exception):
    """A file that was not written, and as it was before; the message is a phrase that says why."""


def write(path: str, before: str, after: str) -> None:
    """Put a text in the place of the one that was read from a file, all of it or nothing.

    A symbolic link stays one, and what it leads to is written. The mode is kept, and the owner as
    far as the system lets us. A file that has other hard links gets a note: those keep the old
    text.

    The file is compared with what was read right before it is replaced. A change that another
    program makes between that comparison and the rename is lost: no portable call does both.

    Raises:
        WriteError: the file cannot be written, or is not what was read any more.
    """
    target = Path(path).resolve()

    def compare() -> None:
        if target.read_bytes() != before.encode():
            raise WriteError("changed since it was read; left as it is")

    try:
        status = target.stat()
        # Replacing a file takes no right to write it, but whoever took that right away meant it.
        if not os.access(target, os.W_OK):
            raise WriteError("read-only; left as it is")
        replace(target, after.encode(), status, compare)
    except OSError as error:
        raise WriteError(f"not written: {reading.reason(error)}") from error


def replace(
    target: Path,
    content: bytes | bytearray,
    status: os.stat_result | None,
    check: Callable[[], None] | None = None,
) -> None:
    """Put a file in place, all of it or nothing: with mode and owner of the one it replaces.

    `check` is called right before the rename, and raises an exception to prevent it.

    Raises:
        OSError: that cannot be done; what was there before is there still.
    """
    from tempfile import NamedTemporaryFile

    remove_left_over(target.parent)
    # Beside the target: only within a file system does one file take another's place at once.
    with NamedTemporaryFile(prefix=PREFIX, dir=target.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            claim(file)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if os.name == "nt":
                file.close()  # what is open there cannot be moved
            if status and hasattr(os, "chown"):
                with suppress(OSError):
                    os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(status.st_mode & 0o7777 if status else 0o666 & ~_mask())
            if check:
                check()
            temporary.replace(target)
        except BaseException:
            file.close()
            temporary.unlink(missing_ok=True)
            raise
    if status and status.st_nlink > 1:
        streams.err(f"note: {target}: its other hard links still have the old content\n")


def claim(file: IO[bytes]) -> None:
    """Keep other runs from taking a temporary file for one that was left behind."""
    with suppress(OSError):
        _lock(file)


def remove_left_over(folder: Path) -> None:
    """Remove the temporary files that nobody holds from a folder, once in a run."""
    if folder in _cleared:
        return
    _cleared.add(folder)
    with suppress(OSError):
        for path in folder.glob(f"{PREFIX}*"):
            # One that is held, one that is gone already, one of somebody else: they are left.
            with suppress(OSError), path.open("rb") as file:
                _lock(file)
                path.unlink()


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed.

    Raises:
        OSError: another process has it.
    """
    try:
        import fcntl
    except ImportError:
        return  # Windows removes no file that is open
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def print_diff(path: str, before: str, after: str, *, colour: bool) -> None:
    """Print a diff: for people on a terminal or in colour, for programs as the file has it."""
    diff = unified_diff(path, before, after, colour=colour)
    (streams.out if colour or streams.is_terminal() else streams.out_verbatim)(diff)


def unified_diff(path: str, before: str, after: str, *, colour: bool) -> str:
    """The diff that `patch -p0` applies; in colour, for a terminal, without control characters."""
    diff = _unified(path, _lines(before), _lines(after))
    return "".join(map(_painted, diff) if colour else diff)


def _lines(text: str) -> list[str]:
    # Not `splitlines`, which ends lines at characters that JSON strings may hold.
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, f"{last}\n\\ No newline at end of file\n"] if last else lines


def _unified(path: str, old: list[str], new: list[str]) -> Iterator[str]:
    """The lines of a diff; `difflib.unified_diff` could not be given the matcher."""
    if old != new:
        name = diff_name(path)
        yield from (f"--- {name}\n", f"+++ {name}\n")
    for hunk in _matcher(old, new).get_grouped_opcodes():
        (_, start, _, new_start, _), (_, _, end, _, new_end) = hunk[0], hunk[-1]
        yield f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@\n"
        for tag, start, end, new_start, new_end in hunk:
            if tag == "equal":
                yield from (f" {line}" for line in old[start:end])
            else:
                yield from (f"-{line}" for line in old[start:end])
                yield from (f"+{line}" for line in new[new_start:new_end])


def _matcher(old: list[str], new: list[str]) -> SequenceMatcher[str]:
    from collections import Counter
    from difflib import Match, SequenceMatcher

    class BoundedMatcher(SequenceMatcher[str]):
        """Stops looking for equal lines after a while: the search is quadratic."""

        left = _COMPARISONS

        def find_longest_match(
            self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
        ) -> Match:
            self.left -= cost * ((len(old) if ahi is None else ahi) - alo)
            return super().find_longest_match(alo, ahi, blo, bhi) if self.left > 0 else nothing

    nothing = Match(0, 0, 0)
    # How many lines of the new text an old one is compared with on average: not with frequent ones.
    counts = Counter(new)
    compared = sum(counts[line] for line in old if counts[line] <= 1 + len(new) // 100)
    cost = 1 + compared // max(len(old), 1)
    return BoundedMatcher(None, old, new)


def _range(start: int, end: int) -> str:
    """A range as diffs write it: lines from 1, and an empty range by the line before it."""
    if end - start == 1:
        return str(start + 1)
    return f"{start + (end > start)},{end - start}"


def _mask() -> int:
    """What the user takes from the mode of new files; it can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_COLOURS = {"@": "36", "+": "32", "-": "31"}


def _painted(line: str) -> str:
    text = "\n".join(printable(part.expandtabs()) for part in line.rstrip("\r\n").split("\n"))
    if line.startswith(("---", "+++")):
        return f"\033[1m{text}\033[0m\n"
    colour = _COLOURS.get(line[:1])
    return f"\033[{colour}m{text}\033[0m\n" if colour else f"{text}\n"
