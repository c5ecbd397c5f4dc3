"""The roles that a policy allows passing to services which it also allows giving roles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import PASS_ROLE, Path, passing, passing_services
from multitool_lint.policy.access import grants, sensitive_grants
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import (
    OpenPath,
    first_steps,
    open_paths,
    passes_any_role,
    passes_to,
)
from multitool_lint.policy.granted_steps import GrantedStep, granted_steps


@lru_cache(maxsize=4)
def passed_roles(policy: Policy, catalog: Catalog) -> tuple[OpenPath, ...]:
    """List the ways to pass any role to a service, without those of the paths that are open."""
    granted = sensitive_grants(policy, catalog)
    pass_role = catalog.match(PASS_ROLE)
    if any(grant.full for grant in granted) or not any(
        grant.actions & pass_role and passes_any_role(grant, catalog) for grant in granted
    ):
        return ()
    # There is nothing special about an action of a service that is not named.
    named = {
        prefix
        for grant in grants(policy, catalog)
        if not grant.open_ended
        for prefix in grant.statement.services & passing_services(catalog).keys()
    }
    ways = [way for prefix in sorted(named) for way in passing(catalog, prefix)]
    wanted = {prefix: tuple(way.actions[1] for way in passing(catalog, prefix)) for prefix in named}
    wanted["iam"] = (PASS_ROLE, *wanted.get("iam", ()))
    return tuple(_open_ways(policy, catalog, ways, granted_steps(policy, catalog, wanted)))


def _open_ways(
    policy: Policy, catalog: Catalog, ways: list[Path], by_action: dict[str, list[GrantedStep]]
) -> Iterator[OpenPath]:
    known = {
        action
        for open_path in open_paths(policy, catalog)
        if open_path.path.kind == "pass"
        for action in open_path.path.needed
    }
    passing_any = [
        step for step in by_action.get(PASS_ROLE, ()) if passes_any_role(step.grant, catalog)
    ]
    for way in ways if passing_any else ():
        _, action = way.actions
        if action in known or not way.needed <= by_action.keys():
            continue
        named = [step for step in by_action[action] if not step.grant.open_ended]
        steps = first_steps(way, {PASS_ROLE: passing_any, action: named}, catalog)
        if steps:
            yield OpenPath(way, tuple(steps))


def receivers(way: OpenPath, catalog: Catalog) -> list[str]:
    """The principals that the role may be passed to, of those that the path is about."""
    grant = way.opening.grant
    return [service for service in way.path.services if passes_to(grant, [service], catalog)]
