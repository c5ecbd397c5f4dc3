"""The page of a rule for a terminal: no settings for the linter, no marks of Markdown blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from multitool_lint.diagnostics.rule import ALL_TYPES, Rule, page_url
from multitool_lint.reporters.snippet import columns, wrapped
from multitool_lint.reporters.text import COLOURS, NARROWEST, Paint

_WIDEST = 100
"""Columns: longer lines of prose are hard to read."""

_BOLD = "1"
_INDENT = "    "
_SETTINGS = re.compile(r"\A# .*\n\n(?:```toml\n(?:.*\n)*?```\n)?")
_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>.*)\n(?P<body>(?:.*\n)*?)(?P=ticks)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)|<(https?://[^>]+)>")
_ITEM = re.compile(r"[*-] |\d+\. ")


def render(rule: Rule, width: int, *, colour: bool) -> Iterator[str]:
    """The lines of the page of a rule, with its settings in words."""
    paint = Paint(colour=colour)
    width = max(min(width, _WIDEST), NARROWEST)
    yield f"{paint(rule.id, _BOLD)} ({paint(rule.severity.value, COLOURS[rule.severity])})"
    for name, value in _facts(rule):
        first, *rest = wrapped(value, width - len(name) - 2)
        yield f"{name}: {first}"
        yield from (f"{' ' * len(name)}  {line}" for line in rest)
    page = _SETTINGS.sub("", rule.page)
    at = 0
    for fence in _FENCE.finditer(page):
        yield from _prose(page[at : fence.start()], width, paint)
        yield ""
        if fence["info"].endswith(" fixed"):
            yield from ("After the safe fix:", "")
        yield from (f"{_INDENT}{line}".rstrip() for line in fence["body"].splitlines())
        at = fence.end()
    yield from _prose(page[at:], width, paint)


def _facts(rule: Rule) -> Iterator[tuple[str, str]]:
    facts = {
        "Former ids": ", ".join(rule.aliases),
        "Policy types": "all" if rule.types == ALL_TYPES else ", ".join(rule.types),
        "Fix": rule.fix or "none",
        "Default": "" if rule.default else "off",
        "Preview": "its findings do not fail a run" if rule.preview else "",
        "Topics": ", ".join(rule.topics),
        "IAM Access Analyzer": ", ".join(rule.access_analyzer),
        "parliament": ", ".join(rule.parliament),
        "From": rule.origin,
        "Page": page_url(rule.id),
    }
    return ((name, value) for name, value in facts.items() if value)


def _prose(text: str, width: int, paint: Paint) -> Iterator[str]:
    for paragraph in filter(None, re.split(r"\n{2,}", text.strip("\n"))):
        yield ""
        if paragraph.startswith("#"):
            yield paint(paragraph.lstrip("#").strip(), _BOLD)
        elif paragraph.startswith("|"):
            yield from _table(paragraph, width)
        else:
            yield from _paragraph(paragraph, width)


def _paragraph(paragraph: str, width: int) -> Iterator[str]:
    """A paragraph, or the items of a list, in lines that fit."""
    items: list[str] = []
    for line in paragraph.splitlines():
        if _ITEM.match(line) or not items:
            items.append(line)
        else:
            items[-1] += f" {line.strip()}"
    for item in items:
        mark = _ITEM.match(item)
        indent = len(mark[0]) if mark else 0
        for number, line in enumerate(wrapped(_plain(item[indent:]), width - indent)):
            yield f"{item[:indent] if number == 0 else ' ' * indent}{line}"


def _table(table: str, width: int) -> Iterator[str]:
    """The rows in columns, which share the width if they are wider than that."""
    rows = [
        [_plain(cell.strip()) for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if not re.fullmatch(r"[|:\- ]+", line)
    ]
    sizes = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    room = width - 2 * (len(sizes) - 1)
    if sum(sizes) > room:
        narrow = [size for size in sizes if size <= room // len(sizes)]
        share = (room - sum(narrow)) // (len(sizes) - len(narrow))
        sizes = [size if size in narrow else share for size in sizes]
    for row in rows:
        cells = [wrapped(cell, size) for cell, size in zip(row, sizes, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            padded = (
                f"{part}{' ' * (size - columns(part))}"
                for part, size in zip(parts, sizes, strict=True)
            )
            yield "  ".join(padded).rstrip()


def _plain(text: str) -> str:
    """A text with the addresses of links, and without links between pages."""

    def link(match: re.Match[str]) -> str:
        words, target, address = match.groups()
        return address or (f"{words} ({target})" if "://" in target else words)

    return _LINK.sub(link, text)
