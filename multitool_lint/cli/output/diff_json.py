"""What access has changed, as a program reads it; the JSON Schema is access-diff.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.cli.output.diff_phrases import documented
from multitool_lint.policy.changes import Difference, by_service
from multitool_lint.syntax.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.output.compared import AcceptedHere, Compared, RunOutcome
    from multitool_lint.policy.compare.request import Request


def as_json(outcome: RunOutcome) -> Iterator[str]:
    """The report, in one piece."""
    report = {
        "version": 1,
        "stops": outcome.stops,
        "changed_configurations": list(outcome.configs),
        "accepted": [_accepted(here) for here in outcome.accepted],
        "comparisons": [_comparison(one) for one in outcome.compared],
    }
    yield json_text(report, indent=2) + "\n"


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
            {"operator": operator, "key": documented(key, catalog), "values": list(values)}
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
            documented(key, catalog): None if values is None else list(values)
            for key, values in request.context.items()
        },
        "assumptions": [assumption._asdict() for assumption in request.assumptions],
    }


def _principal(principal: tuple[str, str] | None) -> dict[str, str] | None:
    return dict(zip(("type", "value"), principal, strict=True)) if principal else None
