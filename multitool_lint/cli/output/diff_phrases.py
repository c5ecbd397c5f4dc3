"""How `diff` words what it has compared; `show` makes a value of a file readable and harmless."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.aws.sensitive_actions import feared, most_feared_first
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.limits import MAX_LISTED_CHANGES, MAX_LISTED_NAMES, MAX_LISTED_SERVICES
from multitool_lint.policy.access import all_actions
from multitool_lint.policy.changes import Difference, DifferenceScope, by_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.output.compared import AcceptedHere, Compared, RunOutcome
    from multitool_lint.policy.compare.request import Request
    from multitool_lint.policy.forbidden import Granted

    Show = Callable[[str], str]

_MOST = 0.5
"""Of all actions, so many can be left out of "all actions of all services"."""


def verdict(outcome: RunOutcome, show: Show) -> str:
    """What a run comes to, in one line; empty if there was nothing to compare."""
    if not outcome.compared and not outcome.unreadable:
        return ""
    parts = [*_gained(outcome, show), *_forbidden(outcome, show)]
    if used := sum(here.is_used for here in outcome.accepted):
        parts.append(f"{counted(used, 'accepted change')}")
    if several := _not_compared(outcome):
        parts.append(f"{counted(several, 'change')} that could not be compared")
    if outcome.unreadable:
        parts.append(f"{counted(outcome.unreadable, 'file')} that could not be read")
    lost = sum(map(_size, (gone for one in outcome.compared for gone in one.changes.lost)))
    if lost:
        parts.append(f"{counted(lost, 'permission')} removed")
    word = ("stopped: " if outcome.exit_code else "passed: ") if outcome.gates else ""
    return word + (", ".join(parts) or _same(outcome))


def accepted(here: AcceptedHere, show: Show) -> str:
    """What an entry accepts, and why."""
    entry = here.entry
    table = entry.table
    what = table.get("what")
    if what is None:
        but = "all actions but " if "not-actions" in table else ""
        names = table.get("actions") or table.get("not-actions") or ()
        what = f"{but}{enumerate_briefly(tuple(names), MAX_LISTED_NAMES)}"
        resources = table.get("resources") or table.get("not-resources") or ()
        on = "on all but" if "not-resources" in table else "on"
        what += (
            f" {on} {enumerate_briefly(tuple(resources), MAX_LISTED_NAMES)}" if resources else ""
        )
    title = table.get("policy") or entry.path
    when = "accepted in this change" if here.is_new else "accepted before"
    until = f" (until {entry.until})" if entry.until else ""
    return f"{when}: {show(title)}: {show(what)}: {show(entry.reason)}{until}"


def configs(outcome: RunOutcome, show: Show) -> str:
    """Which configurations have changed; empty for none."""
    names = enumerate_briefly([*map(show, outcome.configs)], MAX_LISTED_CHANGES)
    return f"configuration changed: {names}; compared as it was before" if names else ""


def _same(outcome: RunOutcome) -> str:
    new = sum(one.is_new for one in outcome.compared)
    return "access unchanged" + (f", {counted(new, 'new file')} not compared" if new else "")


def _gained(outcome: RunOutcome, show: Show) -> Iterator[str]:
    certain = possible = 0
    owners: dict[str, None] = {}
    for one, difference in outcome.gained:
        if size := _size(difference):
            owners[one.title] = None
            certain += size if difference.certain else 0
            possible += 0 if difference.certain else size
    counts = []
    if certain:
        counts.append(counted(certain, "new permission"))
    if possible:
        counts.append(
            f"{possible:,} possible" if certain else counted(possible, "possible permission")
        )
    if counts:
        yield f"{' and '.join(counts)} for {_one_or_all(owners, show)}"


def _forbidden(outcome: RunOutcome, show: Show) -> Iterator[str]:
    found = [one for one in outcome.compared if one.forbidden]
    size = sum(len(granted.names) for one in found for granted in one.forbidden)
    if size:
        owners = _one_or_all([one.title for one in found], show)
        yield f"{counted(size, 'forbidden permission')} for {owners}"


def _one_or_all(owners: Iterable[str], show: Show) -> str:
    names = list(owners)
    return show(names[0]) if len(names) == 1 else counted(len(names), "policy")


def _size(difference: Difference) -> int:
    return len(difference.actions) + len(difference.names)


def _not_compared(outcome: RunOutcome) -> int:
    unclear = sum(not _size(difference) for _, difference in outcome.gained)
    return unclear + len(outcome.not_compared)


def reason(why: str, places: Sequence[str], show: Show) -> tuple[str, str]:
    """Why something could not be compared, and where."""
    return show(why), enumerate_briefly([show(place) for place in places], MAX_LISTED_CHANGES)


def forbidden(granted: Granted, show: Show) -> str:
    """What is granted that must not be."""
    verb = "grants" if granted.certain else "may grant"
    return f"{verb} forbidden access: {show(_listed(granted.names))}"


def name(one: Compared, show: Show) -> str:
    """The name of a policy, if the file has several."""
    return f" ({show(one.policy)})" if one.policy else ""


def scope_text(difference: Difference, show: Show, *, lost: bool = False) -> str:
    """On what, for whom and when access differs, and whether that is certain."""
    certainty = "" if difference.certain else " (possibly)"
    scope = difference.scope
    if scope is None:
        if (unclear := difference.unclear) is None:
            return certainty
        parts = ["a changed statement could not be compared", show(unclear.place)]
        return ": ".join([certainty, *filter(None, parts), show(unclear.reason)])
    parts = [*scope_parts(scope, difference.catalog, show)]
    if difference.lifted:
        parts.append("(denied now)" if lost else "(no longer denied)")
    return " ".join((certainty, *parts))


def scope_parts(scope: DifferenceScope, catalog: Catalog, show: Show) -> Iterator[str]:
    """The resources, the principal and the conditions of a scope."""
    if scope.resources:
        but = "all but " if scope.negated else ""
        yield f"on {but}{enumerate_briefly([*map(show, scope.resources)], MAX_LISTED_CHANGES)}"
    if scope.principal:
        kind, value = scope.principal
        yield f"for {'all but ' if kind == 'NotPrincipal' else ''}{show(value)}"
    for place, (operator, key, values) in enumerate(scope.conditions):
        test = show(f"{operator} {documented(key, catalog)}".strip())
        yield f"{'and' if place else 'if'} {test} {' or '.join(map(show, values))}"


def actions(difference: Difference, show: Show) -> Iterator[str]:
    """The actions of a difference, in as many lines as a person reads."""
    catalog = difference.catalog
    left = _left_out(difference.actions, catalog)
    if left is not None:
        but = f" but {len(left):,}: {show(_feared(left, catalog))}" if left else ""
        yield f"{show('all actions of all services')}{but}"
    else:
        yield from _by_service(difference.actions, catalog, show)
    if difference.names:
        yield show(f"not in the catalog: {_listed(difference.names)}")


@lru_cache(maxsize=16)
def _left_out(found: ActionSet, catalog: Catalog) -> ActionSet | None:
    """The actions that are left where most of all are found; None where fewer are."""
    every = all_actions(catalog)
    left = every - found
    return left if len(left) < _MOST * len(every) else None


@lru_cache(maxsize=16)
def _by_service(found: ActionSet, catalog: Catalog, show: Show) -> tuple[str, ...]:
    """The lines on actions of the catalog, which many differences have in common."""
    services = [(prefix, levels) for prefix, levels in by_service(found, catalog)]
    if len(services) > MAX_LISTED_SERVICES:
        services.sort(key=lambda service: feared(catalog.match(f"{service[0]}:*") & found, catalog))
    lines = []
    for prefix, levels in services[:MAX_LISTED_SERVICES]:
        every = catalog.match(f"{prefix}:*")
        if len(every) > MAX_LISTED_CHANGES and every <= found:
            lines.append(show(f"all {len(every)} actions of {prefix}"))
        else:
            lines += [
                show(f"{level}: {_briefly(names, catalog)}") for level, names in levels.items()
            ]
    if rest := services[MAX_LISTED_SERVICES:]:
        size = sum(len(names) for _, levels in rest for names in levels.values())
        lines.append(f"and {counted(size, 'action')} of {counted(len(rest), 'other service')}")
    return tuple(lines)


def briefly(difference: Difference, show: Show) -> str:
    """The actions of a difference that a reviewer fears most, and how many more there are."""
    left = _left_out(difference.actions, difference.catalog)
    if left is not None:
        return f"all actions of all services{f' but {len(left):,}' if left else ''}"
    names = most_feared_first(difference.action_names, difference.catalog)
    return show(enumerate_briefly(names, MAX_LISTED_NAMES))


def _feared(found: ActionSet, catalog: Catalog) -> str:
    return _briefly(list(catalog.names(found)), catalog)


def _briefly(names: Sequence[str], catalog: Catalog) -> str:
    """Names, in their order if they are few, or else the most feared ones first."""
    few = len(names) <= MAX_LISTED_CHANGES
    return _listed(tuple(names) if few else tuple(most_feared_first(names, catalog)))


def details(difference: Difference, show: Show) -> Iterator[str]:
    """The actions of a difference, an example of it, and why it is not proved."""
    yield from actions(difference, show)
    if example(difference, show):
        yield example(difference, show)
    if difference.doubt:
        yield f"not proved: {show(difference.doubt)}"


def example(difference: Difference, show: Show) -> str:
    """An example of a difference, if there is one."""
    request = difference.example
    return request_phrase(request, difference.catalog, show) if request else ""


def request_phrase(request: Request, catalog: Catalog, show: Show) -> str:
    """A request as an example."""
    assumed = [
        f"{show(assumption.subject)} {assumption.meaning}"
        + (f" {show(assumption.value)}" if assumption.value else "")
        for assumption in request.assumptions
    ]
    parts = [f"Principal {show(request.principal[1])}"] if request.principal else []
    on = f" on {show(request.resource)}" if request.resource else ""
    parts.append(f"{show(request.action)}{on}")
    parts += [
        f"{show(documented(key, catalog))} absent"
        if values is None
        else f"{show(documented(key, catalog))} = {' and '.join(map(show, values))}"
        for key, values in request.context.items()
    ]
    where = f", if {' and '.join(assumed)}" if assumed else ""
    return f"for example{where}: {', '.join(parts)}"


def documented(key: str, catalog: Catalog) -> str:
    """A key that is compared in lower case, as AWS documents it."""
    known = known_key(catalog, key)
    head = known.name.partition("${")[0] if known else ""
    return head + key[len(head) :] if key.startswith(head.lower()) else key


def _listed(names: Sequence[str]) -> str:
    return enumerate_briefly(tuple(names), MAX_LISTED_CHANGES)
