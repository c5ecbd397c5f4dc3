"""What the pages of rules say, as HTML."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Collection

    from multitool_lint.diagnostics.rule import Rule

_WHY = re.compile(r"^## Why it matters\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_PAGE = re.compile(r'<a href="([a-z0-9-]+)\.md">(.*?)</a>', re.DOTALL)


@lru_cache(maxsize=256)
def _why(rule: Rule) -> str:
    # Only a page with findings needs it, and it takes its time to import.
    from markdown_it import MarkdownIt

    found = _WHY.search(rule.page)
    return str(MarkdownIt("commonmark", {"html": False}).render(found[1])) if found else ""


def why(rule: Rule, shown: Collection[str]) -> Markup:
    """Why a rule matters; links to the pages of other rules that are shown too stay links."""

    def link(match: re.Match[str]) -> str:
        return f'<a href="#rule-{match[1]}">{match[2]}</a>' if match[1] in shown else match[2]

    return Markup(_PAGE.sub(link, _why(rule)))  # noqa: S704  # our pages, without raw HTML
