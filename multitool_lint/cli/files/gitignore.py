"""Patterns in the syntax of .gitignore: in such files, in `exclude`, and in --exclude.

They are matched as git matches them (https://git-scm.com/docs/gitignore and git's wildmatch.c):
byte by byte, the last pattern that matches deciding, and one path at a time, for what is in an
ignored folder is never looked at. A library for whole paths cannot tell these two cases apart:
where a pattern names a folder, and where it names something in it.

The files are read without git: a repository's own settings can have git run programs, and a linter
is no reason to run them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t"
_SPECIAL = re.compile(rb"[*?\[\\]|$")
# POSIX classes, of ASCII as in git.
_MEMBER = re.compile(rb"\[:(?P<class>[^]]*):\]|-(?!\])\\?(?P<end>.)|\\?(?P<char>.)", re.DOTALL)
_CLASSES = {
    b"alnum": rb"[0-9A-Za-z]",
    b"alpha": rb"[A-Za-z]",
    b"blank": rb"[ \t]",
    b"cntrl": rb"[\x00-\x1f\x7f]",
    b"digit": rb"[0-9]",
    b"graph": rb"[\x21-\x7e]",
    b"lower": rb"[a-z]",
    b"print": rb"[\x20-\x7e]",
    b"punct": rb"[!-/:-@\[-`{-~]",
    b"space": rb"[ \t\n\v\f\r]",
    b"upper": rb"[A-Z]",
    b"xdigit": rb"[0-9A-Fa-f]",
}


class _Pattern(NamedTuple):
    """A line: `ignores` is false for one with a `!`, `whole` true where the path below counts."""

    match: re.Pattern[bytes]
    ignores: bool
    whole: bool
    folders_only: bool


class IgnorePatterns:
    """The patterns that hold below a folder, whose path is absolute and without symbolic links."""

    def __init__(self, folder: str, lines: Iterable[bytes]) -> None:
        self.folder = folder
        patterns = [pattern for pattern in map(_pattern, lines) if pattern]
        self._patterns = patterns[::-1]

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether they ignore a path below their folder; None where no pattern matches it."""
        if not self._patterns:
            return None
        start = len(self.folder) + (not self.folder.endswith(os.sep))
        below = os.fsencode(path[start:] if os.sep == "/" else path[start:].replace(os.sep, "/"))
        name = below.rpartition(b"/")[2]
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
        data = b"" if os.path.islink(path) else Path(path).read_bytes()  # noqa: PTH114  # called often
    except OSError:
        return []
    return [line.removesuffix(b"\r") for line in data.removeprefix(_BYTE_ORDER_MARK).split(b"\n")]


def _pattern(line: bytes) -> _Pattern | None:
    """What a line means; None for a blank one, a comment, and what can match nothing."""
    if line.startswith(b"#"):
        return None
    line = _without_trailing_blanks(line)
    ignores = not line.startswith(b"!")
    line = line if ignores else line[1:]
    folders_only = line.endswith(b"/")
    line = line.removesuffix(b"/")
    whole = b"/" in line
    expression = _expression(line.removeprefix(b"/")) if line else None
    if expression is None:
        return None
    return _Pattern(re.compile(expression, re.DOTALL), ignores, whole, folders_only)


def _without_trailing_blanks(line: bytes) -> bytes:
    """The line without blanks at its end, unless a backslash keeps the first of them."""
    bare = line.rstrip(_BLANK)
    backslashes = len(bare) - len(bare.rstrip(b"\\"))
    return bare + line[len(bare) : len(bare) + 1] if backslashes % 2 else bare


def _expression(pattern: bytes) -> bytes | None:
    """The regular expression of a pattern; None if it is malformed, and so matches nothing."""
    parts = []
    position = 0
    while position < len(pattern):
        char = pattern[position : position + 1]
        after = position + 1
        if char == b"*":
            while pattern[after : after + 1] == b"*":
                after += 1
            part, after = _stars(pattern, position, after)
        elif char == b"?":
            part = b"[^/]"
        elif char == b"[":
            found = _bracket(pattern, after)
            if found is None:
                return None
            part, after = found
        else:
            if char == b"\\":
                char = pattern[after : after + 1]
                after += 1
                if not char:
                    return None
            part = re.escape(char)
        parts.append(part)
        position = after
    return b"".join(parts)


def _stars(pattern: bytes, start: int, end: int) -> tuple[bytes, int]:
    """The expression of asterisks, and where the pattern goes on: two alone cross folders.

    Git compares the plain beginning of a pattern by itself, so that `a**/b` begins with two alone.
    """
    first = _SPECIAL.search(pattern)
    begins = start == (first.start() if first else 0) or pattern[start - 1 : start] == b"/"
    if end - start == 1 or not begins or pattern[end : end + 1] not in {b"", b"/"}:
        return b"[^/]*", end
    return (b"(?:.*/)?", end + 1) if end < len(pattern) else (b".*", end)


def _bracket(pattern: bytes, position: int) -> tuple[bytes, int] | None:
    """The expression of a set of bytes, and where it ends; None where it does not."""
    negated = pattern[position : position + 1] in {b"!", b"^"}
    start = position = position + negated
    members: set[int] = set()
    last: int | None = None
    while pattern[position : position + 1] != b"]" or position == start:
        member = _MEMBER.match(pattern, position)
        if member is None or (member["class"] or b"alpha") not in _CLASSES:
            return None
        position = member.end()
        if member["class"]:
            among = re.compile(_CLASSES[member["class"]])
            members |= {byte for byte in range(256) if among.match(bytes([byte]))}
            last = None
        elif member["end"] and last is not None:
            members |= set(range(last, member["end"][0] + 1))
            last = None
        else:
            position = member.start() + 1 if member["end"] else position
            last = (member["char"] or b"-")[0]
            members.add(last)
    members = (set(range(256)) - members if negated else members) - {ord("/")}
    expression = b"".join(b"\\x%02x" % byte for byte in sorted(members))
    return b"[" + expression + b"]" if expression else b"(?!)", position + 1


class GitIgnores(NamedTuple):
    """The patterns that hold in a folder, the nearest first; outside of a repository, none do."""

    in_repository: bool = False
    patterns: tuple[IgnorePatterns, ...] = ()

    def within(self, folder: str, names: Collection[str]) -> GitIgnores:
        """What holds for the files in a folder; `names` are those of all that is in it."""
        inner = _of_repository(folder) if ".git" in names else self
        if inner.in_repository and ".gitignore" in names:
            return inner._replace(patterns=(_in_folder(folder), *inner.patterns))
        return inner

    def ignore(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file or folder is ignored: the nearest pattern that matches decides."""
        for each in self.patterns:
            decision = each.decide(path, is_folder=is_folder)
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


def repository_of(folder: str) -> str | None:
    """The root of the repository that a folder is in, whose path is absolute; None for none."""
    path = Path(folder)
    return next((str(each) for each in (path, *path.parents) if _is_root(each)), None)


def _is_root(folder: Path) -> bool:
    return os.path.lexists(folder / ".git")


def _in_folder(folder: str) -> IgnorePatterns:
    return IgnorePatterns(folder, read_lines(f"{folder}/.gitignore"))


def _of_repository(root: str) -> GitIgnores:
    """What is ignored in a repository by its own list, and by the user's in its usual place."""
    configured = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    files = (_git_folder(Path(root)) / "info" / "exclude", Path(configured, "git", "ignore"))
    return GitIgnores(
        in_repository=True,
        patterns=tuple(IgnorePatterns(root, read_lines(str(file))) for file in files),
    )


def _git_folder(root: Path) -> Path:
    """The folder of git's own files: for a further working tree, that of the first.

    Git: https://git-scm.com/docs/gitrepository-layout
    """
    git = root / ".git"
    if git.is_dir():
        return git
    said = read_lines(str(git))[:1]
    git = root / os.fsdecode(b"".join(said).removeprefix(b"gitdir: "))
    common = read_lines(str(git / "commondir"))[:1]
    return git / os.fsdecode(b"".join(common))
