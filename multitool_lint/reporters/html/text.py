"""Text as a page can show it: nothing in it is obeyed, and nothing breaks the page."""

from __future__ import annotations

import html
import re

from markupsafe import Markup

_CODE = re.compile(r"`([^`]+)`")
_UNFIT = re.compile(r"[^\t\n\x20-\x7e]")
TEXT_AT_MOST = 2_000
"""Characters of a message, a path or a name; a policy may have any."""


def shown(text: str) -> str:
    """The text without what has no shape: controls, surrogates, marks that turn the direction."""
    if text.isascii() and text.isprintable():
        return text
    return _UNFIT.sub(_shape, text)


def _shape(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def shortened(text: str, at_most: int = TEXT_AT_MOST) -> str:
    """The text, of a long one beginning and end."""
    if len(text) <= at_most:
        return text
    half = at_most // 2
    dots = "\N{HORIZONTAL ELLIPSIS}"
    return f"{text[:half]} {dots} {len(text) - 2 * half:,} characters {dots} {text[-half:]}"


def escaped(text: str) -> str:
    """The text as the content of an element; quotes stay, which half of a policy's characters are.

    Never for an attribute.
    """
    return html.escape(shown(text), quote=False)


def inline(text: str) -> Markup:
    """A sentence with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", escaped(text)))  # noqa: S704  # escaped
