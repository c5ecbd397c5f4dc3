"""Text as a page can show it: nothing in it is obeyed, and nothing breaks the page."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from functools import lru_cache

from markupsafe import Markup, escape

from multitool_lint.diagnostics.rule import Rule, page_url
from multitool_lint.limits import MAX_HTML_TEXT
from multitool_lint.reporters.prose import ProsePiece, pieces

_CODE = re.compile(r"`([^`]+)`")
_UNFIT = re.compile(r"[^\t\n\x20-\x7e]")


def shown(text: str) -> str:
    """The text without what has no shape: controls, surrogates, marks that turn the direction."""
    if text.isascii() and text.isprintable():
        return text
    return _UNFIT.sub(_shape, text)


def _shape(match: re.Match[str]) -> str:
    character = match[0]
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def shortened(text: str, at_most: int = MAX_HTML_TEXT) -> str:
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
    """A sentence with what is between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", escaped(text)))  # noqa: S704  # escaped


def prose(text: str) -> Markup:
    """A text of a finding with its values as code, and every address as a link."""
    return Markup("").join(map(_piece, pieces(shortened(text))))


def _piece(piece: ProsePiece) -> Markup:
    words = escape(shown(piece.text))
    if piece.is_code:
        words = Markup("<code>{}</code>").format(words)
    link = Markup('<a href="{}" rel="noreferrer">{}</a>')
    return link.format(piece.url, words) if piece.url else words


_WHY = re.compile(r"^## Why it matters\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_PAGE = re.compile(r'<a href="([a-z0-9-]+)\.md">(.*?)</a>', re.DOTALL)


@lru_cache(maxsize=256)
def _why(rule: Rule) -> str:
    # Only a page with findings needs it, and it takes its time to import.
    from markdown_it import MarkdownIt

    found = _WHY.search(rule.page)
    return str(MarkdownIt("commonmark", {"html": False}).render(found[1])) if found else ""


def why(rule: Rule, shown: Collection[str]) -> Markup:
    """Why a rule matters, with links to other rules: in this page if they are shown in it."""

    def link(match: re.Match[str]) -> str:
        target = f"#rule-{match[1]}" if match[1] in shown else page_url(match[1])
        return f'<a href="{target}" rel="noreferrer">{match[2]}</a>' if target else match[2]

    return Markup(_PAGE.sub(link, _why(rule)))  # noqa: S704  # our pages, without raw HTML
