"""Findings, and what the policies grant, as one HTML file that needs nothing else.

The page works without its script and never asks the network: a Content-Security-Policy admits the
one style sheet and the one script that are in it, by their digests, and nothing else.
"""

from __future__ import annotations

import base64
from collections import Counter
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import counted
from multitool_lint.diagnostics.rule import Severity, page_url, rules
from multitool_lint.limits import MAX_HTML_NOTES, MAX_HTML_OPEN_FILES, MAX_HTML_PLACES
from multitool_lint.reporters.html.access_table import LEVELS
from multitool_lint.reporters.html.findings import Card, Ids, card, digest
from multitool_lint.reporters.html.policies import Described, describe
from multitool_lint.reporters.html.source import LINKED, STYLES, Mark, Page, view
from multitool_lint.reporters.html.text import inline, prose, shortened, shown, why
from multitool_lint.reporters.summary import (
    PLAIN,
    ReportOptions,
    RunReporter,
    Summary,
    of_severity,
)
from multitool_lint.reporters.text import RANKS
from multitool_lint.syntax.printable import OBEYED

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report


_MEANINGS = {
    "error": "AWS rejects it, or it can never work",
    "security": "access is wider than it should be",
    "warning": "probably not what was intended",
    "suggestion": "clearer, with the same access",
}
_PARTS = Path(__file__).parent / "page"


class FileEntry(NamedTuple):
    """A file in the list of files."""

    id: str
    path: str
    counts: dict[str, int]
    suppressed: int
    section: Markup

    @property
    def has_findings(self) -> bool:
        """Whether there is anything in the file to act on."""
        return any(self.counts.values())


class ListedFinding(NamedTuple):
    """A finding where all are listed: its place, its title and where it is on the page."""

    path: str
    line: int
    title: str
    id: str


class Reporter(RunReporter):
    """Collects the files, and writes the page when all of them and the counts are there.

    Rules that are not ours are described if they find something.
    """

    needs_policies = True

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._catalog = options.catalog or bundled()
        self._ids = Ids()
        self._entries: list[FileEntry] = []
        self._rules: Counter[str] = Counter()
        self._places: dict[tuple[int, str], list[ListedFinding]] = {}

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        path = report.source.path
        id_ = self._ids.unique(f"file-{quote(path, safe='/', errors='backslashreplace')}")
        # Shorter than the path: many lines have it.
        lines_id = self._ids.unique(f"L{digest(path)[:6]}")
        cards = self._cards(report)
        policies = [describe(policy, self._catalog) for policy in report.policies]
        section = (
            _environment()
            .get_template("file.html.jinja")
            .render(
                lines_id=lines_id,
                report=report,
                cards=cards,
                policies=policies,
                notes=[(report.source.position(note.span.start)[0], note) for note in report.notes],
                text=_text(report, lines_id, cards, policies),
                skipped=[
                    (report.source.position(block.span.start)[0], block.why.in_words())
                    for block in report.skipped
                ],
            )
        )
        for card_ in cards:
            if not card_.suppressed:
                key = RANKS[card_.finding.severity], card_.finding.rule
                place = ListedFinding(shortened(path), card_.line, card_.finding.title, card_.id)
                self._places.setdefault(key, []).append(place)
        counts = Counter(finding.severity.value for finding in report.findings)
        self._rules.update(finding.rule for finding in report.findings)
        for suppressed in report.suppressed:
            self._rules.setdefault(suppressed.finding.rule, 0)
        self._entries.append(
            FileEntry(id_, shortened(path), counts, len(report.suppressed), Markup(section))  # noqa: S704  # rendered
        )
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        style, script = _part("style.css"), _part("script.js")
        known = {**self.options.others, **rules()}
        described = sorted(id_ for id_ in self._rules if id_ in known)
        # In parts: the page of thousands of files is large enough once.
        yield from (
            OBEYED.sub(_with_entity, part)
            for part in _environment()
            .get_template("page.html.jinja")
            .generate(
                version=self.options.version,
                date=self._catalog.date,
                summary=summary,
                severities=[severity.value for severity in Severity],
                counts_by_severity={
                    severity.value: summary.findings.get(severity, 0) for severity in Severity
                },
                total=sum(summary.findings.values()),
                entries=[entry for entry in self._entries if entry.has_findings],
                clean=[entry for entry in self._entries if not entry.has_findings],
                found=[
                    (tuple(Severity)[rank].value, rule, self._places[rank, rule])
                    for rank, rule in sorted(self._places)
                ],
                fold=len(self._entries) > MAX_HTML_OPEN_FILES,
                counts=self._rules,
                described=[(known[id_], why(known[id_], self._rules)) for id_ in described],
                style=Markup(style),  # noqa: S704  # ours
                script=Markup(script),  # noqa: S704  # ours
                digests={"style": _digest(style), "script": _digest(script)},
            )
        )

    def _cards(self, report: Report) -> list[Card]:
        cards = [card(finding, self._ids.of_finding(finding)) for finding in report.findings]
        for finding, by, reason in report.suppressed:
            cause = f"{by}: {reason}" if reason else by
            cards.append(card(finding, self._ids.of_finding(finding), shortened(cause)))
        return sorted(
            cards, key=lambda card_: (card_.line, card_.column, STYLES.index(card_.style))
        )


def page(template: str, **values: object) -> str:
    """A page without a script, of a template with values."""
    style = _part("style.css")
    made = _environment().get_template(template)
    digests = {"style": _digest(style)}
    return made.render(**values, style=Markup(style), digests=digests)  # noqa: S704  # ours


def _text(report: Report, lines_id: str, cards: list[Card], policies: list[Described]) -> Markup:
    """The text of a file with its findings."""
    template = _environment().get_template("card.html.jinja")
    by_line: dict[int, list[str]] = {}
    marks = []
    anchors = {card_.line for card_ in cards}
    for card_ in cards:
        shown_card = template.render(
            card=card_, lines_id=lines_id, summary=_summary(card_.finding.rule)
        )
        by_line.setdefault(card_.line, []).append(shown_card)
        marks.append(Mark(card_.finding.span, card_.style, card_.id))
        own = (place for place in card_.finding.related if place.source is None)
        marks += [Mark(place.span, LINKED, card_.id) for place in own]
        here = (group for group in card_.related if not group.path)
        anchors.update(line for group in here for line, _ in group.places)
    anchors.update(report.source.position(note.span.start)[0] for note in report.notes)
    for policy in policies:
        anchors.update(policy.lines())
    inside = [(policy.first, policy.last) for policy in policies]
    return view(report.source, Page(lines_id, marks, by_line, anchors, inside))


def _summary(rule: str) -> str:
    known = rules().get(rule)
    return known.summary if known else ""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "host": lambda url: urlsplit(url).path.strip("/").rpartition("/")[2] or url,
        "inline": inline,
        "page_url": page_url,
        "prose": prose,
        "counted": counted,
        "of_severity": of_severity,
        "number": "{:,}".format,
        "shortened": shortened,
    }
    environment.globals |= {
        "levels": LEVELS,
        "max_notes": MAX_HTML_NOTES,
        "max_places": MAX_HTML_PLACES,
        "meanings": _MEANINGS,
    }
    return environment


def _finalized(value: Any) -> Any:  # noqa: ANN401  # whatever a template prints
    return shown(value) if type(value) is str else value


def _with_entity(match: re.Match[str]) -> str:
    """The beginning of a command, as which it is not read where a page is printed in a log."""
    return match[0].replace("##", "&#35;#").replace("::", "&#58;:")


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()
