"""Patterns of paths: of those below the folder of a configuration, and the engine for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_PATH_CHARACTERS

_TOKEN = lazy_pattern(r"(?:(?<![^/])\*\*/)+|\*+|\?|\[[!^]?[^]/]+\]")
_HERE = lazy_pattern(r"^(!?)\./(?=.)")
_GAPS = {"*": "[^/]*?", "**": ".*?", "**/": "(?:.*?/)??"}
WILDCARDS = frozenset(_GAPS)
"""The pieces of a pattern that may match no character."""


class PathPatternError(ValueError):
    """A pattern that could match nothing; the message says why."""


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern of paths below a folder: `*` stays within a name, `**` crosses folders.

    `?` is one character, `[a-z]` one of some, `[!a-z]` one of all others; none of them is `/`. What
    ends in `/` is everything in that folder.

    Raises:
        PathPatternError: it could match nothing there.
    """
    path = pattern.removeprefix("./")
    if path.endswith("/"):
        path += "**"
    if "\\" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise PathPatternError(
            f'"{pattern}" is not a path below the configuration file, with / between names'
        )
    if len(path) > MAX_PATH_CHARACTERS:
        raise PathPatternError(f'"{pattern}" is too long for a path')
    try:
        return re.compile(linear(_pieces(path)), re.DOTALL)
    except re.error as error:
        raise PathPatternError(
            f'"{pattern}" is not a valid pattern of paths: {error.msg}'
        ) from None


def exclusion(pattern: str) -> str:
    """A pattern in the syntax of .gitignore, in which `./` is not known: it becomes a `/`.

    Raises:
        PathPatternError: it could match nothing below its folder.
    """
    if not pattern.strip() or pattern.startswith("#") or "\n" in pattern:
        raise PathPatternError(f'"{pattern}" is not a valid pattern')
    if ".." in pattern.split("/"):
        raise PathPatternError(f'"{pattern}" leads out of the folder that it applies to')
    return _HERE.sub(r"\1/", pattern)


def linear(pieces: Iterable[str]) -> str:
    """The regular expression of a pattern, which takes no longer than the path is long squared.

    A piece is a wildcard (`*`, `**`, or `**/` for any folders), or an expression of characters.

    Where the text between two wildcards fits first, it may stay: what fits further on, the second
    wildcard can pass over as well. So each wildcard and what follows it up to the next is an atomic
    group, which is not tried elsewhere later on, and only the last looks for the end. As a `*`
    cannot pass over a `/`, what is between two `**` is one group with groups in it.
    """
    blocks = [[""]]
    for piece in pieces:
        if piece == "*":
            blocks[-1].append(_GAPS[piece])
        elif piece in _GAPS:
            blocks.append([_GAPS[piece]])
        else:
            blocks[-1][-1] += piece
    *blocks, last = blocks
    return "".join(f"(?>{_block(block)})" for block in blocks) + _block(last)


def _block(pieces: list[str]) -> str:
    first, *groups = pieces
    *groups, last = groups or [""]
    return first + "".join(f"(?>{group})" for group in groups) + last


def _pieces(pattern: str) -> Iterator[str]:
    position = 0
    for token in _TOKEN.finditer(pattern):
        yield re.escape(pattern[position : token.start()])
        position = token.end()
        if token[0] == "?":
            yield "[^/]"
        elif token[0].startswith("["):
            yield _one_of(token[0][1:-1])
        else:
            yield "**/" if token[0].endswith("/") else token[0][:2]
    yield re.escape(pattern[position:])


def _one_of(characters: str) -> str:
    negated = characters[0] in "!^"
    # What regular expressions mean otherwise, or may come to mean.
    escaped = re.sub(r"([\[\\^&~|]|(?<=-)-)", r"\\\1", characters[negated:])
    return f"(?!/)[{'^' * negated}{escaped}]"
