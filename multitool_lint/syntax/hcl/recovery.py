"""What of a file of Terraform can be read next to a mistake: all blocks but those that have it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.limits import MAX_JOINED_PARTS, MAX_RECOVERED_PARTS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.source import Source

_BEGINS = re.compile(
    r'^(?=[A-Za-z_][\w-]*(?:[ \t]+(?:"[^"\r\n]*"|[\w-]+))*[ \t]*\{)'
    r"|^(?=(?:<{7}|={7}|>{7})(?: |\r?$))",
    re.MULTILINE,
)
"""Where a block, or the mark of a conflict of git, begins in the first column."""
_ENDS = re.compile(r"^\}[ \t]*\r?\n|^(?:<{7}|={7}|>{7})(?: [^\r\n]*)?\r?\n", re.MULTILINE)
_TEXT = re.compile(r"[^\r\n]")


class Recovered(NamedTuple):
    """A file without the parts that have mistakes, each part in a file of its own.

    What is left out is blank: offsets are those of the original.
    """

    file: HclFile
    broken: tuple[HclFile, ...] = ()


def recovered(source: Source) -> Recovered | None:
    """What of a file with mistakes can be read; None of one with too many parts."""
    text = source.text
    begins = (match.start() for match in _BEGINS.finditer(text))
    starts = sorted({0, *begins, *(match.end() for match in _ENDS.finditer(text)), len(text)})
    if len(starts) > MAX_RECOVERED_PARTS:
        return None
    kept: list[str] = []
    broken: list[HclFile] = []
    at = 0
    while at + 1 < len(starts):
        end = next((end for end in _ends(starts, at) if _is_read(text, starts[at], end)), None)
        part = text[starts[at] : end or starts[at + 1]]
        if end is None:
            around = source.with_text(_blank(text[: starts[at]]) + part)
            broken.append(HclFile(around))
        kept.append(_blank(part) if end is None else part)
        at = at + 1 if end is None else starts.index(end, at)
    return Recovered(HclFile(source.with_text("".join(kept))), tuple(broken))


def _ends(starts: list[int], at: int) -> Iterator[int]:
    """Where a part may end: a text in it can have lines with which others begin."""
    yield from starts[at + 1 : at + 1 + MAX_JOINED_PARTS]


def _is_read(text: str, start: int, end: int) -> bool:
    return not HclFile(Source("", text[start:end])).root.has_error


def _blank(text: str) -> str:
    return _TEXT.sub(" ", text)
