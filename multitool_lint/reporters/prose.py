"""The texts of findings in pieces, as reports with links and code show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.escalation_paths import COLLECTION, paths
from multitool_lint.diagnostics.rule import DOCUMENTATION, page_url

_OURS = (DOCUMENTATION, COLLECTION, "https://docs.aws.amazon.com/")
"""How the addresses in messages of ours begin; any other may be of somebody's file."""

_PIECE = re.compile(
    r"`(?P<code>[^`]+)`"
    r'|(?P<quoted>"[^"]*")'
    r"|(?P<url>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"`<>]*[^\s\"`<>.,;:()\[\]])"
    r"|(?<=run: )(?P<command>multitool-lint .+)"
    r"|(?<![\w/-])(?P<id>[a-z0-9]+(?:-[a-z0-9]+)+)(?![\w/-])"
)


class ProsePiece(NamedTuple):
    """A part of a text: words or code, with the address that it leads to.

    Code with an address is one that we did not choose.
    """

    text: str
    is_code: bool = False
    url: str = ""


def pieces(text: str) -> Iterator[ProsePiece]:
    """The parts of a text: values and commands are code, ids of rules and paths lead to pages.

    The address in brackets that follows an id, for plain text, is left out.
    """
    at = 0
    for match in _PIECE.finditer(text):
        piece = _piece(match) if match.start() >= at else None
        if piece:
            if at < match.start():
                yield ProsePiece(text[at : match.start()])
            yield piece
            at = match.end()
            address = f" ({piece.url})"
            if match.lastgroup == "id" and text.startswith(address, at):
                at += len(address)
    if at < len(text):
        yield ProsePiece(text[at:])


def _piece(match: re.Match[str]) -> ProsePiece | None:
    """The code or link of a match; None where it is an ordinary word."""
    found = match[match.lastgroup or 0]
    if match.lastgroup == "id":
        url = page_url(found) or _paths().get(found, "")
        return ProsePiece(found, url=url) if url else None
    if match.lastgroup == "url":
        is_ours = found.startswith(_OURS) or found in _paths().values()
        return ProsePiece(
            found, not is_ours, found if found.startswith(("https:", "http:")) else ""
        )
    return ProsePiece(found, is_code=True)


@lru_cache(maxsize=1)
def _paths() -> dict[str, str]:
    """The pages of the escalation paths by their ids."""
    return {path.id: path.url for path in paths(bundled())}
