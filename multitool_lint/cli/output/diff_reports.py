"""What access has changed: for a terminal, as JSON by access-diff.json, and for a pull request."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.output import diff_phrases as phrases
from multitool_lint.cli.output.compared import Compared, RunOutcome, by_fear
from multitool_lint.limits import MAX_DIFF_MARKDOWN_CHARACTERS, MAX_SHOWN_TERM
from multitool_lint.policy.changes import Difference, by_service
from multitool_lint.reporters.markdown import code
from multitool_lint.syntax.printable import json_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.output.compared import AcceptedHere
    from multitool_lint.policy.compare.request import Request

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
    for side, differences in zip(TITLES, one.changes[:2], strict=True):
        for difference in by_fear(differences):
            where = phrases.scope_text(difference, printable, lost=side == "lost")
            yield f"  {TITLES[side]}{where}\n"
            yield "".join(f"    {line}\n" for line in phrases.details(difference, printable))


def _head(one: Compared) -> str:
    return f"{printable(str(one.old))} -> {printable(str(one.new))}{phrases.name(one, printable)}"


def as_json(outcome: RunOutcome) -> str:
    """The report for programs; its JSON Schema is rules/schemas/access-diff.json."""
    report = {
        "version": 1,
        "stops": outcome.stops,
        "changed_configurations": list(outcome.configs),
        "accepted": [_accepted(here) for here in outcome.accepted],
        "comparisons": [_comparison(one) for one in outcome.compared],
    }
    return json_text(report, indent=2) + "\n"


def _accepted(here: AcceptedHere) -> dict[str, Any]:
    entry = here.entry
    until = entry.until and entry.until.isoformat()
    about = {"reason": entry.reason, "until": until, "in_this_change": here.is_new}
    return {**about, "used": here.is_used, "entry": dict(entry.table)}


def _comparison(one: Compared) -> dict[str, Any]:
    return {
        "old": str(one.old),
        "new": str(one.new),
        "policy": one.policy,
        "gained": [_difference(change, one.catalog) for change in one.changes.gained],
        "lost": [_difference(change, one.catalog) for change in one.changes.lost],
        "forbidden": [name for granted in one.forbidden for name in granted.names],
        "unknown": [unknown._asdict() for unknown in one.changes.unknown],
    }


def _difference(difference: Difference, catalog: Catalog) -> dict[str, Any]:
    extent = difference.scope
    return {
        "certain": difference.certain,
        "lifted_deny": difference.lifted,
        "actions": dict(by_service(difference.actions, catalog)),
        "unknown_actions": list(difference.names),
        "resources": list(extent.resources) if extent and not extent.negated else [],
        "not_resources": list(extent.resources) if extent and extent.negated else [],
        "principal": _principal(extent.principal if extent else None),
        "unclear": difference.unclear._asdict() if difference.unclear else None,
        "conditions": [
            {"operator": operator, "key": phrases.documented(key, catalog), "values": list(values)}
            for operator, key, values in (extent.conditions if extent else ())
        ],
        "example": _request(difference.example, catalog) if difference.example else None,
        "doubt": difference.doubt,
    }


def _request(request: Request, catalog: Catalog) -> dict[str, Any]:
    return {
        "principal": _principal(request.principal),
        "action": request.action,
        "resource": request.resource,
        "context": {
            phrases.documented(key, catalog): None if values is None else list(values)
            for key, values in request.context.items()
        },
        "assumptions": [assumption._asdict() for assumption in request.assumptions],
    }


def _principal(principal: tuple[str, str] | None) -> dict[str, str] | None:
    return dict(zip(("type", "value"), principal, strict=True)) if principal else None


_LAST, _ONE = 1_000, 4_000
"""The room for what is left out and the last lines, and for the details of a policy."""
_BAR = "\\|"
"""A bar in a table, in code as well."""


def markdown(outcome: RunOutcome, *, verbose: bool = False) -> Iterator[str]:
    """The parts; what there is no room for is counted."""
    verdict, configs = phrases.verdict(outcome, code), phrases.configs(outcome, code)
    if not (verdict or configs or outcome.accepted):
        return
    verdict = verdict or "access unchanged"
    rows = [_row(one, gained) for one in outcome.changed for gained in by_fear(one.changes.gained)]
    reasons = [
        "- {}: {}\n".format(*phrases.reason(why, places, code))
        for why, places in outcome.not_compared.items()
    ]
    details = [_details(one) for one in outcome.changed]
    same = [f"- {code(one.title)}: {one.same}\n" for one in outcome.unchanged if verbose]
    accepted = [
        f"- {phrases.accepted(here, _short)}\n"
        for here in outcome.accepted
        if here.is_new or verbose
    ]
    room = MAX_DIFF_MARKDOWN_CHARACTERS - _LAST
    for part in (
        [f"### {verdict[:1].upper()}{verdict[1:]}\n"],
        [f"\n{configs[:1].upper()}{configs[1:]}.\n"] if configs else [],
        _fitting("\n", accepted, room // 8),
        _fitting("\n| Policy | New access | Where |\n| :-- | :-- | :-- |\n", rows, room // 4),
        _fitting("\n#### Could not be compared\n\n", reasons, room // 4),
        _fitting("\n", details, room // 3),
        _fitting("\n#### Unchanged\n\n", same, room // 10),
        [f"\n{code(line)}\n" for line in outcome.advice],
    ):
        yield from part


def _fitting(head: str, items: Iterable[str], room: int) -> Iterator[str]:
    """A part of the report with as many items as there is room for."""
    listed = list(items)
    for number, item in enumerate(listed):
        room -= len(item)
        if room < 0:
            yield f"\n{len(listed) - number:,} more left out for the length.\n"
            return
        yield f"{head if not number else ''}{item}"


def _row(one: Compared, gained: Difference) -> str:
    cells = (
        _short(one.title),
        phrases.briefly(gained, _short),
        phrases.scope_text(gained, _short).strip(),
    )
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |\n"


def _short(content: str) -> str:
    return code(printable(content, MAX_SHOWN_TERM))


def _details(one: Compared) -> str:
    title = html.escape(printable(one.title, MAX_SHOWN_TERM))
    head = f"{code(str(one.old))} compared with {code(str(one.new))}{phrases.name(one, code)}:\n\n"
    lines = "".join(_fitting("", _lines(one), _ONE))
    return f"<details><summary><code>{title}</code></summary>\n\n{head}{lines}\n</details>\n"


def _lines(one: Compared) -> Iterator[str]:
    for granted in one.forbidden:
        yield f"- **{phrases.forbidden(granted, code)}**\n"
    for side, differences in zip(TITLES, one.changes[:2], strict=True):
        for difference in by_fear(differences):
            where = phrases.scope_text(difference, code, lost=side == "lost")
            yield f"- {TITLES[side]}{where}\n"
            for line in phrases.details(difference, code):
                yield f"  - {line}\n"
