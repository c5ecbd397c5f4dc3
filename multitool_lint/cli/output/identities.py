"""The report of `check --by identity`: what identities come to, as text or as an HTML page."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli.files.read import targets
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.report_files import outputs
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.linter.identity_reviews import Privilege, Review, reviews
from multitool_lint.reporters.formats import FORMATS


class Line(NamedTuple):
    """An identity in a section: its title, its place, and what is said of it."""

    title: str
    place: str
    remarks: tuple[str, ...]


class Section(NamedTuple):
    """A heading, and the identities below it."""

    heading: str
    lines: tuple[Line, ...]


def _sections(found: Sequence[Review]) -> Iterator[Section]:
    """The identities with something to say, those that can do most first."""
    for privilege in Privilege:
        lines = [_line(one) for one in found if one.privilege is privilege]
        if privilege is Privilege.OTHER:
            lines = [line for line in lines if line.remarks]
        if lines:
            yield Section(privilege.value, tuple(lines))


def _line(review: Review) -> Line:
    return Line(review.title, review.place, tuple(_remarks(review)))


def _remarks(review: Review) -> Iterator[str]:
    if review.paths:
        yield f"paths: {enumerate_briefly(review.paths)}"
    for finding in review.findings:
        ids = (note.partition(" (")[0] for note in finding.notes if note.startswith("path"))
        yield "; ".join((f"{finding.rule}: {finding.title}", *ids))
    if review.boundary.value:
        yield review.boundary.value
    if review.unknown:
        are = "policy is" if review.unknown == 1 else "policies are"
        yield f"{review.unknown} {are} not in these files"
    for principal in review.unused:
        yield f'trusts "{principal}", by which nobody in the account can assume it'


def _totals(found: Sequence[Review]) -> str:
    """A sentence with the numbers of identities."""
    counts = dict.fromkeys(Privilege, 0)
    for review in found:
        counts[review.privilege] += 1
    return (
        f"{counted(len(found), 'identity')}: "
        f"{counted(counts[Privilege.ADMINISTRATOR], 'administrator')}, "
        f"{counts[Privilege.ESCALATES]:,} can escalate their privileges, "
        f"{counts[Privilege.BECOMES]:,} can become an administrator"
    )


def _text(found: Sequence[Review]) -> Iterator[str]:
    """The report as lines of text."""
    for section in _sections(found):
        yield f"{section.heading} ({len(section.lines):,})\n"
        for title, place, remarks in section.lines:
            yield f"  {title}  {place}\n"
            yield from (f"    {remark}\n" for remark in remarks)
        yield "\n"
    yield f"{_totals(found)}.\n"


def _html(found: Sequence[Review]) -> str:
    """The report as a page that needs nothing else."""
    from multitool_lint.reporters.html.reporter import page  # jinja2 takes its time to import

    return page(
        "identities.html.jinja",
        sections=list(_sections(found)),
        counts=f"{_totals(found)}.",
        version=__version__,
    )


_MADE = {"text": lambda found: "".join(_text(found)), "html": _html}


def print_identities(arguments: Namespace) -> int:
    """Print the identities of the files, and return the exit code.

    Raises:
        ConfigError: the report cannot be written.
    """
    asked = outputs(arguments.output, arguments.format, FORMATS, arguments.files)
    if any(format_ not in _MADE for format_, _ in asked):
        raise ConfigError("--by needs the format text or html")
    found: list[Review] = []
    seen: set[str] = set()
    failed = False
    for target in targets(arguments):
        if target.error:
            failed = True
            streams.err(f"error: {target.path}: {target.error}\n")
        elif target.source:
            found += reviews(target.source, target.settings.catalog or bundled(), seen)
    for format_, path in asked:
        _write(path, _MADE[format_](found))
    return 2 if failed else 0


def _write(path: str, report: str) -> None:
    if path == "-":
        streams.out(report)
        return
    try:
        Path(path).write_text(report, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--output: {path}: {error.strerror}") from error
