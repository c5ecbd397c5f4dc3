"""The identities of files by what they come to, as text or as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.linter.identity_reviews import Boundary, Privilege, Review

_HEADINGS = {
    Privilege.ADMINISTRATOR: "Administrators",
    Privilege.ESCALATES: "Can escalate their privileges on any resource",
    Privilege.BECOMES: "Can become an administrator",
}
_BOUNDARIES = {
    Boundary.KNOWN: "limited by a permissions boundary",
    Boundary.UNKNOWN: "has a permissions boundary that is not known",
}


class Line(NamedTuple):
    """An identity in a section: its title, its place, and what is said of it."""

    title: str
    place: str
    remarks: tuple[str, ...]


class Section(NamedTuple):
    """A heading, and the identities below it."""

    heading: str
    lines: tuple[Line, ...]


def sections(reviews: Sequence[Review]) -> list[Section]:
    """The identities with something to say, those that can do most first."""
    found = [
        Section(heading, tuple(_line(one) for one in reviews if one.privilege is privilege))
        for privilege, heading in _HEADINGS.items()
    ]
    others = [_line(one) for one in reviews if one.privilege is Privilege.OTHER]
    found.append(Section("Others", tuple(line for line in others if line.remarks)))
    return [section for section in found if section.lines]


def _line(review: Review) -> Line:
    return Line(review.title, review.place, tuple(_remarks(review)))


def _remarks(review: Review) -> Iterator[str]:
    if review.paths:
        yield f"paths: {enumerate_briefly(review.paths)}"
    for finding in review.findings:
        ids = (note.partition(" (")[0] for note in finding.notes if note.startswith("path"))
        yield "; ".join((f"{finding.rule}: {finding.title}", *ids))
    if review.boundary in _BOUNDARIES:
        yield _BOUNDARIES[review.boundary]
    if review.unknown:
        are = "policy is" if review.unknown == 1 else "policies are"
        yield f"{review.unknown} {are} not in these files"
    for principal in review.unused:
        yield f'trusts "{principal}", by which nobody in the account can assume it'


def totals(reviews: Sequence[Review]) -> str:
    """A sentence with the numbers of identities."""
    counts = dict.fromkeys(Privilege, 0)
    for review in reviews:
        counts[review.privilege] += 1
    return (
        f"{counted(len(reviews), 'identity')}: "
        f"{counted(counts[Privilege.ADMINISTRATOR], 'administrator')}, "
        f"{counts[Privilege.ESCALATES]:,} can escalate their privileges, "
        f"{counts[Privilege.BECOMES]:,} can become an administrator"
    )


def text(reviews: Sequence[Review]) -> Iterator[str]:
    """The report as lines of text."""
    for section in sections(reviews):
        yield f"{section.heading} ({len(section.lines):,})\n"
        for title, place, remarks in section.lines:
            yield f"  {title}  {place}\n"
            yield from (f"    {remark}\n" for remark in remarks)
        yield "\n"
    yield f"{totals(reviews)}.\n"


def html(reviews: Sequence[Review], version: str) -> str:
    """The report as a page that needs nothing else."""
    from multitool_lint.reporters.html.reporter import page  # jinja2 takes its time to import

    return page(
        "identities.html.jinja",
        sections=sections(reviews),
        counts=f"{totals(reviews)}.",
        version=version,
    )
