"""The paths of privilege escalation that a policy opens, and the findings that tell of them."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws import patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.escalation_paths import COLLECTION, SERVICES, actions, paths_from
from multitool_lint.diagnostics.finding import LISTED_AT_MOST, enumerate_briefly, related
from multitool_lint.policy.access import places, sensitive_grants
from multitool_lint.policy.resources import Reach, reach, ties
from multitool_lint.syntax.tree import Member, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.aws.escalation_paths import Path
    from multitool_lint.diagnostics.finding import Context, Finding, Related
    from multitool_lint.policy.access import Grant
    from multitool_lint.policy.document import Condition, Policy
    from multitool_lint.syntax.tree import Node

PASS_ROLE = "iam:PassRole"  # noqa: S105  # an action
PASSED_TO = "iam:passedtoservice"

_GAINS = {
    "own": "lets the holder widen its own permissions",
    "other": "lets the holder become another user or role",
    "pass": "lets the holder act with any role that it passes to {}",
    "target": "on any target lets the holder act with the target's role",
}
_INSTEAD = {
    "own": "name the resources that are meant",
    "other": "name the users or roles that are meant",
    "pass": "name the roles that it may pass",
    "target": "name the targets that are meant",
}
_LINKED_AT_MOST = 3


class Offer(NamedTuple):
    """An action of a path, the statement that grants it, and the place that names it."""

    action: str
    grant: Grant
    place: Node | Member


class Opened(NamedTuple):
    """A path that a policy opens, with the offers that it takes, in the order of the text."""

    path: Path
    steps: tuple[Offer, ...]

    @property
    def place(self) -> Node | Member:
        """The place that completes the path."""
        return self.steps[-1].place


def report(policy: Policy, context: Context, *, targets: bool) -> Iterator[Finding]:
    """One finding for every place that completes paths, of those with or without need of a target.

    A path that only adds to a shorter one is told of where the shorter one is.
    """
    told = to_tell(policy, context.catalog, targets=targets)
    by_place: dict[Node | Member, list[Opened]] = {}
    for each in sorted(told, key=lambda one: len(one.path.needed)):
        shorter = (
            place
            for place, others in by_place.items()
            if any(other.path.needed <= each.path.needed for other in others)
        )
        by_place.setdefault(next(shorter, each.place), []).append(each)
    for place, ending in by_place.items():
        yield _finding(context, place, ending)


def to_tell(policy: Policy, catalog: Catalog, *, targets: bool) -> list[Opened]:
    """Select the paths worth telling: of those with a target, what no other path has anyway."""
    complete = [each for each in opened(policy, catalog) if each.path.kind != "target"]
    if not targets:
        return complete
    return [
        each
        for each in opened(policy, catalog)
        if each.path.kind == "target"
        and not any(each.path.needed <= other.path.needed for other in complete)
        and not any(step.grant.open_ended for step in each.steps)
    ]


def gain(path: Path) -> str:
    """Say what a path comes to, as the end of a sentence that its actions begin."""
    return _GAINS[path.kind].format(" or ".join(path.services))


@lru_cache(maxsize=4)
def opened(policy: Policy, catalog: Catalog) -> tuple[Opened, ...]:
    """List the paths that the Allow statements open together, none where they grant everything."""
    granted = sensitive_grants(policy, catalog)
    if any(grant.full for grant in granted):
        return ()
    offers: dict[str, list[Offer]] = {}
    for grant in granted:
        for offer in _offers(grant, catalog):
            offers.setdefault(offer.action, []).append(offer)
    return tuple(_opened(offers, catalog)) if offers else ()


def by_themselves(policy: Policy, grant: Grant, catalog: Catalog) -> ActionSet:
    """Select the actions of a grant that open a path alone, of which the rules on paths tell."""
    found = ActionSet()
    for each in opened(policy, catalog):
        if len(each.path.needed) == 1 and each.steps[0].grant is grant:
            found |= catalog.match(each.steps[0].action)
    return found


def _offers(grant: Grant, catalog: Catalog) -> Iterator[Offer]:
    """The actions of paths that a statement grants, each at the first place that names it."""
    granted = grant.actions
    wanted = {
        action: (prefix, bit)
        for prefix in granted.prefixes & SERVICES
        if (bits := granted.bits(prefix))
        for action, bit in _steps(catalog, prefix)
        if bits & bit
    }
    statement = grant.statement
    if statement.negates_actions and statement.action:
        yield from (Offer(action, grant, statement.action) for action in wanted)
        return
    for at, text in grant.named if wanted else ():
        matched = catalog.match(text)
        for action, (prefix, bit) in list(wanted.items()):
            if matched.bits(prefix) & bit:
                del wanted[action]
                yield Offer(action, grant, statement.action_node(at))


@lru_cache(maxsize=64)
def _steps(catalog: Catalog, prefix: str) -> tuple[tuple[str, int], ...]:
    """The actions of a service that paths take, with their bits."""
    return tuple((action, catalog.match(action).bits(prefix)) for action in actions(prefix))


def _opened(offers: dict[str, list[Offer]], catalog: Catalog) -> Iterator[Opened]:
    offered = offers.keys()
    for path in paths_from(offered):
        if path.needed <= offered:
            steps = [
                _step(path, offers[action], catalog, types)
                for action in path.actions
                for types in path.targets or (None,)
            ]
            taken = [step for step in steps if step]
            if len(taken) == len(steps):
                taken.sort(key=lambda step: _position(step.place))
                yield Opened(path, tuple(taken))


def _step(
    path: Path, offers: Sequence[Offer], catalog: Catalog, types: frozenset[str] | None
) -> Offer | None:
    """The first offer that reaches far enough for the path."""
    return next((offer for offer in offers if _is_enough(offer, path, catalog, types)), None)


def _is_enough(offer: Offer, path: Path, catalog: Catalog, types: frozenset[str] | None) -> bool:
    """Whether an offer serves a path: what a role is passed to is new, and has any name."""
    if offer.action == PASS_ROLE:
        return passes_to(offer.grant, path.services) and passes_any_role(offer.grant, catalog)
    needed = Reach.SOME if path.kind == "pass" else Reach.ALL
    return (
        not ties(offer.grant.statement)
        and reach(offer.grant.statement, offer.action, catalog, types) >= needed
    )


def passes_any_role(grant: Grant, catalog: Catalog) -> bool:
    """Whether the statement passes all roles, be it of one account."""
    return reach(grant.statement, PASS_ROLE, catalog) == Reach.ALL


def passes_to(grant: Grant, services: Sequence[str]) -> bool:
    """Whether the conditions of a statement let a role be passed to one of the services."""
    return not ties(grant.statement, apart_from=PASSED_TO) and all(
        _admits(condition, services)
        for condition in grant.statement.conditions
        if condition.lower_key == PASSED_TO
    )


def _admits(condition: Condition, services: Sequence[str]) -> bool:
    operator = condition.comparison
    values = [text.removesuffix(".cn") for _, text in texts(condition.values)]
    if operator is None or len(values) < len(condition.values):
        return False
    fits = patterns.matches if operator.accepts_wildcards else str.__eq__
    named = any(fits(value, service) for value in values for service in services)
    return operator.family == "Null" or named != operator.negated


def _position(place: Node | Member) -> int:
    return (place.key_span if isinstance(place, Member) else place.span).start


def _finding(context: Context, place: Node | Member, ending: Sequence[Opened]) -> Finding:
    first = ending[0].path
    if len(ending) == 1:
        message = f"{' + '.join(first.actions)} {gain(first)} ({first.id}: {first.url})"
    else:
        goal = "to the role of any target" if first.kind == "target" else "of privilege escalation"
        ids = [
            f"{each.path.id} ({each.path.url})" if len(ending) <= _LINKED_AT_MOST else each.path.id
            for each in ending
        ]
        message = f"completes {len(ending)} paths {goal}: {enumerate_briefly(ids)}"
        message += f" ({COLLECTION})" if len(ending) > _LINKED_AT_MOST else ""
    kinds = {each.path.kind for each in ending}
    message += f"; {_INSTEAD[first.kind if len(kinds) == 1 else 'own']}"
    return context.finding(place, message, related=_related(context, place, ending))


def _related(
    context: Context, place: Node | Member, ending: Sequence[Opened]
) -> tuple[Related, ...]:
    """Where the other actions of the paths stand, and the places that complete one as well."""
    elsewhere: dict[Node | Member, list[str]] = {}
    for step in (step for each in ending for step in each.steps if step.place is not place):
        names = elsewhere.setdefault(step.place, [])
        names += [] if step.action in names else [step.action]
    return (
        *(related(other, f"with {enumerate_briefly(names)}") for other, names in elsewhere.items()),
        *(
            related(other, "as this does", alike=True)
            for other in islice(_alike(context, place, ending), LISTED_AT_MOST)
            if other not in elsewhere
        ),
    )


def _alike(
    context: Context, place: Node | Member, ending: Sequence[Opened]
) -> Iterator[Node | Member]:
    """The other places that complete one of the paths as the place does."""
    catalog = context.catalog
    completing = {
        (step.action, each.path) for each in ending for step in each.steps if step.place is place
    }
    for grant in sensitive_grants(context.policy, catalog):
        found = ActionSet()
        for action, path in completing:
            wanted = catalog.match(action)
            prefix = action.partition(":")[0]
            if grant.actions.bits(prefix) & wanted.bits(prefix) and any(
                _is_enough(Offer(action, grant, place), path, catalog, types)
                for types in path.targets or (None,)
            ):
                found |= wanted
        if found and not (grant.open_ended and ending[0].path.kind == "target"):
            yield from (other for other in places(grant, found, catalog) if other is not place)
