"""Rules on what no statement may grant without a restriction."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.org_rules import matching
from multitool_lint.org_rules.limits import Beyond, on_key
from multitool_lint.org_rules.model import WILDCARD, Limit, Matcher
from multitool_lint.policy.access import Grant, granting_nodes, grants
from multitool_lint.policy.in_force import in_force
from multitool_lint.syntax.tree import Member, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy, Statement

    Place = Node | Member


class _Part(NamedTuple):
    """A part of what is found: its places, its words in the note, and the label of the places."""

    places: tuple[Place, ...]
    words: str
    label: str = "also here"


@dataclass(frozen=True, slots=True)
class Forbid:
    """A rule that forbids to grant all of `granted` together, unless one of the limits applies."""

    message: str
    granted: Matcher
    unless: tuple[Limit, ...] = ()

    def __call__(self, policy: Policy, context: Context) -> Iterator[Finding]:
        """One finding for every Allow statement that grants what is forbidden."""
        catalog = context.catalog
        policy = in_force(policy, catalog)
        for grant in grants(policy, catalog):
            statement = grant.statement
            actions, resource = _granted(policy, grant, self.granted, catalog)
            parts = _parts(grant, actions, self.granted, catalog) if actions else None
            if parts is None:
                continue
            if resource:
                parts.append(_Part((resource,), f"on {_shown(resource)}", "on this"))
            beyond = [
                _beyond(Beyond(exception, statement, policy), actions, catalog)
                for exception in self.unless
            ]
            if all(beyond):
                # Any of the limits is sufficient; the first one is reported.
                parts += beyond[0] if beyond else []
                yield self._finding(parts, statement, context)

    def _finding(self, parts: list[_Part], statement: Statement, context: Context) -> Finding:
        labels: dict[Place, str] = {}
        for part in parts:
            for place in part.places:
                labels.setdefault(place, part.label)
        first, *others = labels or {statement.action or statement.node: ""}
        alike = [other for other in others if other in parts[0].places]
        circumstances = [other for other in others if other not in alike]
        words = " ".join(dict.fromkeys(part.words for part in parts if part.words))
        return context.finding(
            first,
            self.message,
            notes=(f"found: {words}",) if words else (),
            related=(
                *(related(place, labels[place], alike=True) for place in alike),
                *(
                    related(circumstance, labels[circumstance])
                    for circumstance in circumstances[:MAX_LISTED_NAMES]
                ),
            ),
        )


def _granted(
    policy: Policy, grant: Grant, wanted: Matcher, catalog: Catalog
) -> tuple[ActionSet, Node | Member | None]:
    """The forbidden actions that a statement grants, and the forbidden resource, if any."""
    actions = matching.granted(grant, wanted.actions, catalog)
    if not wanted.resources:
        return actions, None
    return matching.on_resources(policy, grant, actions, wanted.resources, catalog)


def _parts(
    grant: Grant, actions: ActionSet, wanted: Matcher, catalog: Catalog
) -> list[_Part] | None:
    """The forbidden parts of a statement; None if one that the rule requires is absent."""
    parts = _ways(grant, actions, wanted, catalog)
    statement = grant.statement
    principals = tuple(matching.principals_that_match(statement, wanted.principals))
    conditions = tuple(matching.conditions_that_match(statement, wanted.conditions))
    if (wanted.principals and not principals) or (wanted.conditions and not conditions):
        return None
    for met, words in ((principals, "to"), (conditions, "under the condition")):
        if met and parts is not None:
            parts.append(_Part(met, f"{words} {_shown(met[0])}"))
    return parts


def _ways(
    grant: Grant, actions: ActionSet, wanted: Matcher, catalog: Catalog
) -> list[_Part] | None:
    """How the actions are granted; None if they are not written in a forbidden way."""
    statement, written = grant.statement, wanted.written
    members = (statement.action, statement.resource, statement.principal)
    elements = [member for member in members if member and member.key in written]
    granting: list[Place] = []
    if wanted.actions or WILDCARD in written:
        granting = list(granting_nodes(grant, actions, catalog))
    if written and not elements:
        granting = [place for place in granting if WILDCARD in written and _is_wildcard(place)]
        if not granting:
            return None
    parts = [_Part(tuple(granting), _granting(granting, actions, catalog))] if granting else []
    parts += [
        _Part((element,), f"with {element.key}") for element in elements if element not in granting
    ]
    return parts


def _is_wildcard(place: Place) -> bool:
    return not isinstance(place, Member) and has_wildcard(str(place.value))


def _beyond(beyond: Beyond, actions: ActionSet, catalog: Catalog) -> list[_Part]:
    """The parts of a statement that exceed a limit."""
    parts = []
    for words, found in (
        ("to", beyond.principals(actions, catalog)),
        ("on", beyond.resources(actions, catalog)),
    ):
        if found:
            text = f"{words} {_shown(found[0])}"
            parts.append(_Part(tuple(found), text, "is not within the limit"))
    if keys := beyond.keys(actions, catalog):
        weak = tuple(condition.key for key in keys for condition in on_key(beyond.statement, key))
        which = "a sufficient" if weak else "a"
        text = f"without {which} condition on {' and '.join(keys)}"
        parts.append(_Part(weak, text, "is not sufficient"))
    return parts


def _granting(granting: list[Place], actions: ActionSet, catalog: Catalog) -> str:
    """What grants the actions: the first value, and the actions that it matches."""
    first, more = granting[0], len(granting) - 1
    others = f" and {more:,} more" if more else ""
    if isinstance(first, Member):
        return f"{first.key} includes {_names(actions, catalog)}"
    text = str(first.value)
    if not has_wildcard(text):
        return f'"{text}"{others}'
    texts = tuple(str(place.value) for place in granting if not isinstance(place, Member))
    names = _names(actions & matching.actions_that_match(texts, catalog), catalog)
    return f'"{text}"{others} {"grant" if more else "grants"} {names}'


def _names(actions: ActionSet, catalog: Catalog) -> str:
    shown = ", ".join(islice(catalog.names(actions), MAX_LISTED_NAMES))
    left = len(actions) - MAX_LISTED_NAMES
    return f"{shown} and {left:,} more" if left > 0 else shown


def _shown(place: Place) -> str:
    return place.key if isinstance(place, Member) else f'"{place.value}"'
