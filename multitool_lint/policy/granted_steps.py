"""The steps of paths of privilege escalation that the statements of a policy grant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import actions_of_paths
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import Grant, grants
from multitool_lint.policy.document import Policy
from multitool_lint.policy.in_force import in_force
from multitool_lint.syntax.tree import Member, Node


class GrantedStep(NamedTuple):
    """An action of a path, and the statement that grants it.

    `at` is the number of the action name that matches it, None of a NotAction.
    """

    action: str
    grant: Grant
    at: int | None

    @property
    def node(self) -> Node | Member:
        """The place that names the action."""
        statement = self.grant.statement
        if self.at is None and statement.action:
            return statement.action
        return statement.action_node(self.at or 0)


@lru_cache(maxsize=256)
def steps_of_paths(policy: Policy, catalog: Catalog) -> Mapping[str, Sequence[GrantedStep]]:
    """The steps of any path that a policy allows, kept because many identities have the same."""
    return granted_steps(in_force(policy, catalog), catalog, actions_of_paths(catalog))


def granted_steps(
    policy: Policy, catalog: Catalog, wanted: Mapping[str, tuple[str, ...]]
) -> dict[str, list[GrantedStep]]:
    """The steps that statements grant of some actions, listed by service prefix."""
    by_action: dict[str, list[GrantedStep]] = {}
    for grant in grants(policy, catalog):
        for step in _steps_of(grant, catalog, wanted):
            by_action.setdefault(step.action, []).append(step)
    return by_action


def _steps_of(
    grant: Grant, catalog: Catalog, wanted: Mapping[str, tuple[str, ...]]
) -> Iterator[GrantedStep]:
    """The actions that a statement grants, each at the first place that names it."""
    statement = grant.statement
    if not statement.open_ended and statement.services.isdisjoint(wanted):
        return
    granted = grant.actions
    left = {
        prefix: [step for step in _bits(catalog, prefix, wanted[prefix]) if step[1] & bits]
        for prefix in granted.prefixes & wanted.keys()
        if (bits := granted.bits(prefix))
    }
    if statement.negates_actions and statement.action:
        yield from (
            GrantedStep(action, grant, None) for steps in left.values() for action, _ in steps
        )
        return
    for at, text in grant.named if any(left.values()) else ():
        matched = catalog.match(text)
        for prefix, steps in left.items():
            if bits := matched.bits(prefix):
                yield from (GrantedStep(action, grant, at) for action, bit in steps if bit & bits)
                left[prefix] = [step for step in steps if not step[1] & bits]


@lru_cache(maxsize=1024)
def _bits(catalog: Catalog, prefix: str, actions: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Some actions of a service with their bits, the same for every policy."""
    return tuple((action, catalog.match(action).bits(prefix)) for action in actions)


def position(place: Node | Member) -> int:
    """Where a value, or the key of a member, begins."""
    return (place.key_span if isinstance(place, Member) else place.span).start
