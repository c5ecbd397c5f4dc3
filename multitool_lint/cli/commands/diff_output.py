"""What access has changed, as text, as JSON, or as Markdown for a pull request."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.limits import MAX_LISTED_CHANGES
from multitool_lint.policy.access import all_actions
from multitool_lint.policy.changes import by_service
from multitool_lint.reporters.markdown import code as _code
from multitool_lint.syntax.printable import json_text, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.changes import Changes, Difference, DifferenceScope
    from multitool_lint.policy.compare.request import Request
    from multitool_lint.policy.forbidden import Granted


_TITLES = {
    "gained": "adds access",
    "lost": "removes access",
}


class Compared(NamedTuple):
    """Two versions of a policy and how their access differs.

    `forbidden` is what must not be. What `is_new` has no old version, and is compared with itself.
    It `is_partial` if something of the file could not be compared.
    """

    old: str
    new: str
    policy: str | None
    changes: Changes
    forbidden: tuple[Granted, ...]
    catalog: Catalog
    is_new: bool = False
    is_partial: bool = False

    @property
    def same(self) -> str:
        """What is printed where there is no difference."""
        if self.is_new:
            return "new file, not compared"
        return "no change in the compared parts" if self.is_partial else "access unchanged"


def text(compared: Sequence[Compared]) -> Iterator[str]:
    """What a person reads on a terminal."""
    for result in compared:
        name = f" ({printable(result.policy)})" if result.policy else ""
        yield f"{printable(result.old)} -> {printable(result.new)}{name}\n"
        for title, differences in zip(_TITLES.values(), result.changes[:2], strict=True):
            for difference in differences:
                extent = _extent(difference, result.catalog, printable)
                yield f"  {title}{_certainty(difference)}{extent}\n"
                details = _details(difference, result.catalog, printable)
                yield "".join(f"    {line}\n" for line in details)
        if not any(result.changes[:3]):
            yield f"  {result.same}\n"
        for unknown in result.changes.unknown:
            yield f"  could not be compared: {printable(f'{unknown.place}: {unknown.reason}')}\n"
        for granted in result.forbidden:
            yield f"  {_verb(granted)} forbidden access: {printable(_listed(granted.names))}\n"


def markdown(compared: Sequence[Compared]) -> Iterator[str]:
    """What a pull request shows."""
    for result in compared:
        name = f" ({_code(result.policy)})" if result.policy else ""
        yield f"### Access of {_code(result.new)}{name}, compared with {_code(result.old)}\n\n"
        for title, differences in zip(_TITLES.values(), result.changes[:2], strict=True):
            if differences:
                yield f"{title.capitalize()}:\n\n"
            for difference in differences:
                head = f"{_extent(difference, result.catalog, _code)}{_certainty(difference)}"
                yield f"- {head.strip()}\n"
                for line in _details(difference, result.catalog, _code):
                    yield f"  - {line}\n"
            if differences:
                yield "\n"
        if not any(result.changes[:3]):
            yield f"{result.same.capitalize()}.\n\n"
        if listed := "".join(f"- {_code(': '.join(part))}\n" for part in result.changes.unknown):
            yield f"Could not be compared:\n\n{listed}\n"
        for granted in result.forbidden:
            names = _code(_listed(granted.names))
            yield f"**{_verb(granted).capitalize()} forbidden access: {names}**\n\n"


def as_json(compared: Sequence[Compared]) -> Iterator[str]:
    """What a program reads; its JSON Schema is rules/schemas/access-diff.json."""
    report = {
        "version": 1,
        "comparisons": [
            {
                "old": result.old,
                "new": result.new,
                "policy": result.policy,
                "gained": [_as_dict(change, result.catalog) for change in result.changes.gained],
                "lost": [_as_dict(change, result.catalog) for change in result.changes.lost],
                "forbidden": [name for granted in result.forbidden for name in granted.names],
                "unknown": [unknown._asdict() for unknown in result.changes.unknown],
            }
            for result in compared
        ],
    }
    yield json_text(report, indent=2) + "\n"


def _as_dict(difference: Difference, catalog: Catalog) -> dict[str, Any]:
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
            {"operator": operator, "key": _documented(key, catalog), "values": list(values)}
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
            _documented(key, catalog): None if values is None else list(values)
            for key, values in request.context.items()
        },
        "assumptions": [assumption._asdict() for assumption in request.assumptions],
    }


def _principal(principal: tuple[str, str] | None) -> dict[str, str] | None:
    return dict(zip(("type", "value"), principal, strict=True)) if principal else None


def _verb(granted: Granted) -> str:
    return "grants" if granted.certain else "may grant"


def _certainty(difference: Difference) -> str:
    return "" if difference.certain else " (possibly)"


def _extent(difference: Difference, catalog: Catalog, show: Callable[[str], str]) -> str:
    extent = difference.scope
    if extent is None:
        if (unclear := difference.unclear) is None:
            return ""
        where = f"{show(unclear.place)}: {show(unclear.reason)}"
        return f": a changed statement could not be compared: {where}"
    parts = [_resources(extent, show)]
    if extent.principal:
        kind, value = extent.principal
        parts.append(f"for {'all but ' if kind == 'NotPrincipal' else ''}{show(value)}")
    parts += [
        f"{'and' if place else 'if'} {show(f'{operator} {_documented(key, catalog)}'.strip())} "
        f"{' or '.join(show(value) for value in values)}"
        for place, (operator, key, values) in enumerate(extent.conditions)
    ]
    if difference.lifted:
        parts.append("(no longer denied)")
    return " " + " ".join(part for part in parts if part)


def _resources(extent: DifferenceScope, show: Callable[[str], str]) -> str:
    if not extent.resources:
        return ""
    listed = ", ".join(map(show, extent.resources))
    return f"on all but {listed}" if extent.negated else f"on {listed}"


def _actions(difference: Difference, catalog: Catalog, show: Callable[[str], str]) -> Iterator[str]:
    if all_actions(catalog) <= difference.actions:
        yield show("all actions of all services")
        return
    yield from _known_actions(difference.actions, catalog, show)
    if difference.names:
        yield show(f"not in the catalog: {_listed(difference.names)}")


@lru_cache(maxsize=16)
def _known_actions(
    actions: ActionSet, catalog: Catalog, show: Callable[[str], str]
) -> tuple[str, ...]:
    """The lines on actions of the catalog, which many differences have in common."""
    return tuple(
        show(f"{level}: {_listed(names)}")
        for _, levels in by_service(actions, catalog)
        for level, names in levels.items()
    )


def _details(difference: Difference, catalog: Catalog, show: Callable[[str], str]) -> Iterator[str]:
    yield from _actions(difference, catalog, show)
    yield from _proof(difference, catalog, show)


def _proof(difference: Difference, catalog: Catalog, show: Callable[[str], str]) -> Iterator[str]:
    """An example of a difference, and why the difference is not proved."""
    request = difference.example
    if request:
        assumed = [
            f"{show(assumption.subject)} {assumption.meaning}"
            + (f" {show(assumption.value)}" if assumption.value else "")
            for assumption in request.assumptions
        ]
        parts = [f"Principal {show(request.principal[1])}"] if request.principal else []
        on = f" on {show(request.resource)}" if request.resource else ""
        parts.append(f"{show(request.action)}{on}")
        parts += [
            f"{show(_documented(key, catalog))} absent"
            if values is None
            else f"{show(_documented(key, catalog))} = {' and '.join(map(show, values))}"
            for key, values in request.context.items()
        ]
        where = f", if {' and '.join(assumed)}" if assumed else ""
        yield f"for example{where}: {', '.join(parts)}"
    if difference.doubt:
        yield f"not proved: {show(difference.doubt)}"


def _documented(key: str, catalog: Catalog) -> str:
    """A key that is compared in lower case, as AWS documents it."""
    known = known_key(catalog, key)
    head = known.name.partition("${")[0] if known else ""
    return head + key[len(head) :] if key.startswith(head.lower()) else key


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return enumerate_briefly(names, MAX_LISTED_CHANGES)
