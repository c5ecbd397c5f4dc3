"""Texts on their way into files, and the diffs that show it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.replace import ChangedError, replace
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.printable import diff_name, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from difflib import SequenceMatcher

    from multitool_lint.cli.files.target import Target

_COMPARISONS = 10_000_000
"""The pairs of lines that are compared for a diff, for about a second; what is left is replaced."""


class WriteError(Exception):
    """A file that was not written, and as it was before; the message is a phrase that says why."""


def write(target: Target, before: str, after: str) -> None:
    """Put a text in the place of the one that was read from a file, all of it or nothing.

    A symbolic link stays one, and the file that it leads to is written, unless it leads out of what
    was named: a file elsewhere is written only if it is named itself. The mode is kept, and the
    owner as far as the system lets us. A file that has other hard links gets a note: those keep the
    old text.

    Raises:
        WriteError: the file cannot be written, or is not what was read any more.
    """
    _check_inside(target)
    try:
        # Replacing a file takes no right to write it, but that right was removed on purpose.
        if Path(target.real).exists() and not os.access(target.real, os.W_OK):
            raise WriteError("not written: read-only")
        replace(Path(target.real), after.encode(), before.encode())
    except ChangedError as error:
        raise WriteError(reading.reason(error)) from error
    except OSError as error:
        raise WriteError(f"not written: {reading.reason(error)}") from error


def write_new(target: Target, path: Path, text: str) -> None:
    """Write a file that does not exist yet, next to the one that it is made from.

    Raises:
        WriteError: it cannot be written.
    """
    _check_inside(target)
    try:
        replace(Path(target.real).with_name(path.name), text.encode(), None)
    except ChangedError:
        raise WriteError(f'not split: "{path}" already exists') from None
    except OSError as error:
        raise WriteError(f"{path}: not written: {reading.reason(error)}") from error


def create(path: Path, text: str) -> None:
    """Write a file that does not exist yet, by its path alone.

    Raises:
        ConfigError: it exists, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} already exists") from None
    except OSError as error:
        raise ConfigError(f"{path}: not written: {reading.reason(error)}") from error


def _check_inside(target: Target) -> None:
    if target.outside is not None:
        reason = f"a symbolic link leads out of {target.outside}"
        raise WriteError(f"not written: {reason}; to change the file, name {target.real}")


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


_COLOURS = {"@": "36", "+": "32", "-": "31"}


def _painted(line: str) -> str:
    text = "\n".join(printable(part.expandtabs()) for part in line.rstrip("\r\n").split("\n"))
    if line.startswith(("---", "+++")):
        return f"\033[1m{text}\033[0m\n"
    colour = _COLOURS.get(line[:1])
    return f"\033[{colour}m{text}\033[0m\n" if colour else f"{text}\n"
