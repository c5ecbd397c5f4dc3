"""Patterns in the syntax of .gitignore: in such files, in `exclude`, and in --exclude.

They are matched as git matches them (https://git-scm.com/docs/gitignore and git's wildmatch.c):
byte by byte, as characters of Latin-1, the last pattern that matches deciding, and one path at a
time, for what is in an ignored folder is never checked. A library for whole paths does not
distinguish two cases: where a pattern names a folder, and where it names something in it.

The files are read without git: a repository's own settings can have git run programs, and a linter
must not run them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from multitool_lint.cli.files.git_folder import TrackedFiles, common_folder
from multitool_lint.cli.files.home import home
from multitool_lint.limits import MAX_PATH_CHARACTERS
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.path_patterns import WILDCARDS, linear

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANK = " \t"
_SPECIAL = re.compile(r"[*?\[\\]|$")
# POSIX classes, of ASCII as in git.
_MEMBER = re.compile(r"\[:(?P<class>[^]]*):\]|-(?!\])\\?(?P<end>.)|\\?(?P<char>.)", re.DOTALL)
_CLASSES = {
    "alnum": r"[0-9A-Za-z]",
    "alpha": r"[A-Za-z]",
    "blank": r"[ \t]",
    "cntrl": r"[\x00-\x1f\x7f]",
    "digit": r"[0-9]",
    "graph": r"[\x21-\x7e]",
    "lower": r"[a-z]",
    "print": r"[\x20-\x7e]",
    "punct": r"[!-/:-@\[-`{-~]",
    "space": r"[ \t\n\v\f\r]",
    "upper": r"[A-Z]",
    "xdigit": r"[0-9A-Fa-f]",
}


class _MalformedError(Exception):
    """A pattern that matches nothing."""


class _Pattern(NamedTuple):
    """A line: `ignores` is false for one with a `!`, `whole` true where the path below counts."""

    match: re.Pattern[str]
    ignores: bool
    whole: bool
    folders_only: bool


class IgnorePatterns:
    """The patterns that hold below a folder, whose path is absolute and without symbolic links."""

    def __init__(self, folder: str, lines: Iterable[bytes]) -> None:
        self.folder = folder
        texts = (line.decode("latin-1") for line in lines)
        patterns = [pattern for pattern in map(_pattern, texts) if pattern]
        self._patterns = patterns[::-1]

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether they ignore a path below their folder; None where no pattern matches it."""
        if not self._patterns:
            return None
        start = len(self.folder) + (not self.folder.endswith(os.sep))
        path = path[start:] if os.sep == "/" else path[start:].replace(os.sep, "/")
        below = os.fsencode(path).decode("latin-1")
        name = below.rpartition("/")[2]
        for pattern in self._patterns:
            if pattern.folders_only and not is_folder:
                continue
            if pattern.match.fullmatch(below if pattern.whole else name):
                return pattern.ignores
        return None

    def cover(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether they ignore a path below their folder, or a folder that it is in."""
        start = self.folder.rstrip(os.sep)
        if not path.startswith(f"{start}{os.sep}"):
            return False
        end = len(start)
        while (end := path.find(os.sep, end + 1)) >= 0:
            if self.decide(path[:end], is_folder=True):
                return True
        return bool(self.decide(path, is_folder=is_folder))


def read_lines(path: str) -> list[bytes]:
    """The lines of a file of patterns; none if there is no such file, or it cannot be read.

    As for git, a symbolic link is no .gitignore: it could lead out of the repository.
    """
    try:
        data = b"" if os.path.islink(path) else reading.read_bytes(path)  # noqa: PTH114  # called often
    except (OSError, reading.UnreadableError):
        return []
    return [line.removesuffix(b"\r") for line in data.removeprefix(_BYTE_ORDER_MARK).split(b"\n")]


def _pattern(line: str) -> _Pattern | None:
    """What a line means; None for a blank one, a comment, and what can match nothing."""
    if line.startswith("#"):
        return None
    line = _without_trailing_blanks(line)
    ignores = not line.startswith("!")
    line = line if ignores else line[1:]
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    whole = "/" in line
    try:
        pieces = list(_pieces(line.removeprefix("/")))
    except _MalformedError:
        return None
    # Each piece but the wildcards takes a character: no path is long enough for more.
    if not line or sum(piece not in WILDCARDS for piece in pieces) > MAX_PATH_CHARACTERS:
        return None
    return _Pattern(re.compile(linear(pieces), re.DOTALL), ignores, whole, folders_only)


def _without_trailing_blanks(line: str) -> str:
    """The line without blanks at its end, unless a backslash keeps the first of them."""
    bare = line.rstrip(_BLANK)
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + line[len(bare) : len(bare) + 1] if backslashes % 2 else bare


def _pieces(pattern: str) -> Iterator[str]:
    """The wildcards of a pattern, and expressions of what is between them.

    Raises:
        _MalformedError: it matches nothing.
    """
    position = 0
    while position < len(pattern):
        start, char = position, pattern[position]
        position += 1
        if char == "*":
            while pattern[position : position + 1] == "*":
                position += 1
            stars = _stars(pattern, start, position)
            position += stars == "**/"
            yield stars
        elif char == "?":
            yield "[^/]"
        elif char == "[":
            members, position = _bracket(pattern, position)
            yield members
        elif char == "\\":
            if position == len(pattern):
                raise _MalformedError
            yield re.escape(pattern[position])
            position += 1
        else:
            yield re.escape(char)


def _stars(pattern: str, start: int, end: int) -> str:
    """What asterisks match: two that are alone between slashes cross folders.

    Git compares the plain beginning of a pattern by itself, so that `a**/b` begins with two alone.
    """
    first = _SPECIAL.search(pattern)
    begins = start == (first.start() if first else 0) or pattern[start - 1] == "/"
    if end - start == 1 or not begins or pattern[end : end + 1] not in {"", "/"}:
        return "*"
    return "**/" if end < len(pattern) else "**"


def _bracket(pattern: str, position: int) -> tuple[str, int]:
    """The expression of a set of bytes, and where it ends."""
    negated = pattern[position : position + 1] in {"!", "^"}
    start = position = position + negated
    members: set[int] = set()
    last: int | None = None
    while pattern[position : position + 1] != "]" or position == start:
        member = _MEMBER.match(pattern, position)
        if member is None or (member["class"] or "alpha") not in _CLASSES:
            raise _MalformedError
        position = member.end()
        if member["class"]:
            members |= {
                byte for byte in range(256) if re.match(_CLASSES[member["class"]], chr(byte))
            }
            last = None
        elif member["end"] and last is not None:
            members |= set(range(last, ord(member["end"]) + 1))
            last = None
        else:
            position = member.start() + 1 if member["end"] else position
            last = ord(member["char"] or "-")
            members.add(last)
    members = (set(range(256)) - members if negated else members) - {ord("/")}
    expression = "".join(
        f"\\x{byte:02x}-\\x{_end_of_run(members, byte):02x}"
        for byte in sorted(members)
        if byte - 1 not in members
    )
    return f"[{expression}]" if expression else "(?!)", position + 1


def _end_of_run(members: set[int], byte: int) -> int:
    """The last byte of those that follow each other from a byte on."""
    while byte + 1 in members:
        byte += 1
    return byte


class GitIgnores(NamedTuple):
    """The patterns that hold in a folder, the nearest first; outside of a repository, none do.

    What is tracked is not ignored. `everything` is true in an ignored folder with tracked files.
    """

    tracked: TrackedFiles | None = None
    patterns: tuple[IgnorePatterns, ...] = ()
    everything: bool = False

    def within(self, folder: str, names: Collection[str]) -> GitIgnores:
        """What holds for the files in a folder; `names` are those of all that is in it."""
        inner = _of_repository(folder) if ".git" in names else self
        if inner.tracked and ".gitignore" in names:
            return inner._replace(patterns=(_in_folder(folder), *inner.patterns))
        return inner

    def ignore(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file is ignored, or a folder with all that is in it."""
        return self._match(path, is_folder=is_folder) and not (
            self.tracked and self.tracked.has(path)
        )

    def below(self, folder: str) -> GitIgnores:
        """What holds in a folder that is not ignored with all that is in it."""
        if self.everything or not self._match(folder, is_folder=True):
            return self
        return self._replace(everything=True)

    def _match(self, path: str, *, is_folder: bool) -> bool:
        """The nearest pattern that matches decides; nothing in an ignored folder is unignored."""
        if self.everything:
            return True
        for patterns in self.patterns:
            decision = patterns.decide(path, is_folder=is_folder)
            if decision is not None:
                return decision
        return False


def above(folder: str) -> GitIgnores:
    """What holds in a folder from above it; its path is absolute and without symbolic links."""
    root = repository_of(folder)
    if root is None or root == folder:
        return GitIgnores()
    ignores = _of_repository(root)
    parts = Path(folder).relative_to(root).parts
    for depth in range(len(parts)):
        inner = str(Path(root, *parts[:depth]))
        ignores = ignores._replace(patterns=(_in_folder(inner), *ignores.patterns))
    return ignores


def _in_folder(folder: str) -> IgnorePatterns:
    return IgnorePatterns(folder, read_lines(f"{folder}/.gitignore"))


def _of_repository(root: str) -> GitIgnores:
    """What is ignored in a repository by its own list, and by the user's in its usual place."""
    files = [common_folder(root) / "info" / "exclude"]
    if configured := os.environ.get("XDG_CONFIG_HOME"):
        files.append(Path(configured, "git", "ignore"))
    elif folder := home():
        files.append(Path(folder, ".config", "git", "ignore"))
    patterns = tuple(IgnorePatterns(root, read_lines(str(file))) for file in files)
    return GitIgnores(TrackedFiles(root), patterns)
