"""What access has changed, as a person reads it on a terminal: the verdict first."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.cli.output import diff_phrases as phrases
from multitool_lint.cli.output.compared import Compared, RunOutcome, by_fear
from multitool_lint.syntax.printable import printable

TITLES = {"gained": "adds access", "lost": "removes access"}


def text(outcome: RunOutcome, *, verbose: bool = False) -> Iterator[str]:
    """The lines; none where there was nothing to compare."""
    if outcome.compared:  # what could not be read has its message
        yield f"{phrases.verdict(outcome, printable)}\n"
    for here in outcome.accepted:
        if here.is_new or verbose:
            yield f"{phrases.accepted(here, printable)}\n"
    if configs := phrases.configs(outcome, printable):
        yield f"{configs}\n"
    for one in outcome.changed:
        yield from _changed(one)
    for why, places in outcome.not_compared.items():
        reason, where = phrases.reason(why, places, printable)
        yield f"could not be compared: {reason}\n  {where}\n"
    if verbose:
        yield from _without_effect(outcome)
    for line in outcome.advice:
        yield f"{printable(line)}\n"


def _without_effect(outcome: RunOutcome) -> Iterator[str]:
    """The policies whose access is the same, and what is allowed that nobody can request."""
    for one in outcome.unchanged:
        yield f"{_head(one)}\n  {one.same}\n"
    for one in outcome.compared:
        for difference in one.changes.impossible:
            shown = phrases.scope_text(difference, printable)
            yield f"{_head(one)}\n  allows requests that AWS's reference does not have{shown}\n"


def _changed(one: Compared) -> Iterator[str]:
    yield f"{_head(one)}\n"
    for granted in one.forbidden:
        yield f"  {phrases.forbidden(granted, printable)}\n"
    for title, differences in zip(TITLES.values(), one.changes[:2], strict=True):
        for difference in by_fear(differences):
            yield f"  {title}{phrases.scope_text(difference, printable)}\n"
            yield "".join(f"    {line}\n" for line in phrases.details(difference, printable))


def _head(one: Compared) -> str:
    return f"{printable(str(one.old))} -> {printable(str(one.new))}{phrases.name(one, printable)}"
