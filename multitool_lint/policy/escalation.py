"""The paths of privilege escalation that a policy opens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

from multitool_lint.aws import patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import (
    OF_USERS,
    PASS_ROLE,
    Path,
    actions_of_paths,
    of_role,
    paths_from,
)
from multitool_lint.aws.sensitive_actions import escalating
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import Grant, sensitive_grants
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.granted_steps import GrantedStep, granted_steps, position
from multitool_lint.policy.resources import (
    ResourceScope,
    is_about_protected_roles,
    resource_scope,
    restricts_values,
)
from multitool_lint.policy.self_granted_conditions import (
    StatementTarget,
    TagSetter,
    is_restricted,
    tag_setters,
)

PASSED_TO = "iam:passedtoservice"

POLICY_ARN = "iam:policyarn"
_ADMINISTRATOR_POLICIES = tuple(
    f"arn:{partition}:iam::aws:policy/AdministratorAccess"
    for partition in ("aws", "aws-cn", "aws-us-gov")
)
_OWN_USER = lazy_pattern(r":user/(.*/)?\$\{aws:username\}\Z", re.IGNORECASE)

_GAINS = {
    "own": "extend its own permissions",
    "other": "act as another user or role",
    "made": "act with a role or user that it creates, with any permissions",
    "pass": "act with any role that it passes to {}",
    "target": "act with the role of any existing target",
}


class OpenPath(NamedTuple):
    """A path that a policy opens, with its steps, in the order of the text."""

    path: Path
    steps: tuple[GrantedStep, ...]

    @property
    def opening(self) -> GrantedStep:
        """The step that makes the path possible, such as passing the role."""
        return next(step for step in self.steps if step.action == self.path.actions[0])


def reportable_paths(policy: Policy, catalog: Catalog, *, targets: bool) -> list[OpenPath]:
    """Select the paths to report: those with a target only if no other path includes them."""
    complete = [
        open_path
        for open_path in open_paths(policy, catalog)
        if open_path.path.kind != "target" and not _is_incidental(open_path)
    ]
    if not targets:
        return complete
    return [
        open_path
        for open_path in open_paths(policy, catalog)
        if open_path.path.kind == "target"
        and not any(_includes(other.path, open_path.path) for other in complete)
        and not any(step.grant.open_ended for step in open_path.steps)
        and not (
            open_path.opening.action in OF_USERS
            and any(other.opening.node is open_path.opening.node for other in complete)
        )
    ]


def _includes(path: Path, shorter: Path) -> bool:
    """Whether to leave out a shorter path: one of the collection only for another one of it."""
    return shorter.needed <= path.needed and (path.is_published or not shorter.is_published)


def _is_incidental(open_path: OpenPath) -> bool:
    """Whether a statement that names no service opens a path which most accounts do not have.

    Other services than IAM change permissions in the accounts of IAM Identity Center only.
    """
    return open_path.opening.grant.open_ended and not open_path.opening.action.startswith("iam:")


def gain(path: Path) -> str:
    """What a path allows, as the end of a sentence of which its actions are the subject."""
    gained = _GAINS[path.kind].format(" or ".join(path.services))
    if path.kind == "target" and path.actions[0] in OF_USERS:
        gained = f"extend the permissions of any existing {OF_USERS[path.actions[0]]}"
    return f"allows the principal to {gained}"


def strongest_first(paths: Iterable[Path]) -> list[Path]:
    """The paths in the order of what they allow."""
    order = list(_GAINS)
    return sorted(paths, key=lambda path: order.index(path.kind))


@lru_cache(maxsize=4)
def open_paths(policy: Policy, catalog: Catalog) -> tuple[OpenPath, ...]:
    """List the paths that the Allow statements open together, none where they grant everything."""
    granted = sensitive_grants(policy, catalog)
    if any(grant.full for grant in granted):
        return ()
    opening = ActionSet().union(grant.select(partial(escalating, catalog)) for grant in granted)
    paths = paths_from(catalog, set(catalog.names(opening))) if opening else []
    if policy.of_roles:
        paths = list(map(of_role, paths))
    return tuple(opened(paths, policy, catalog))


def by_themselves(policy: Policy, grant: Grant, catalog: Catalog) -> ActionSet:
    """Select the actions of a grant that open a path alone, which other rules report."""
    found = ActionSet()
    for open_path in open_paths(policy, catalog):
        statement = open_path.steps[0].grant.statement
        if len(open_path.path.needed) == 1 and statement is grant.statement:
            found |= catalog.match(open_path.steps[0].action)
    return found


def opened(paths: Sequence[Path], policy: Policy, catalog: Catalog) -> Iterator[OpenPath]:
    """The paths that a policy opens, of some."""
    by_action = granted_steps(policy, catalog, actions_of_paths(catalog)) if paths else {}
    for path in paths:
        if path.needed <= by_action.keys():
            taken = (
                _steps_to_made_identity(path, by_action, policy, catalog)
                if path.kind == "made" or path.rewrites_role
                else first_steps(path, by_action, catalog)
            )
            if taken:
                yield OpenPath(path, tuple(sorted(taken, key=lambda step: position(step.node))))


def first_steps(
    path: Path, by_action: Mapping[str, Sequence[GrantedStep]], catalog: Catalog
) -> Sequence[GrantedStep]:
    """The first grant for each step of a path, none where one is missing."""
    steps = [
        _step(path, by_action[action], catalog, types)
        for action in path.actions
        for types in path.targets or (None,)
    ]
    taken = [step for step in steps if step]
    return taken if len(taken) == len(steps) else ()


def _step(
    path: Path, granted: Sequence[GrantedStep], catalog: Catalog, types: frozenset[str] | None
) -> GrantedStep | None:
    """The first grant that reaches far enough for the path."""
    return next((step for step in granted if is_enough(step, path, catalog, types)), None)


def _steps_to_made_identity(
    path: Path, by_action: dict[str, list[GrantedStep]], policy: Policy, catalog: Catalog
) -> Sequence[GrantedStep]:
    """The first steps by which a role or user can be made or changed, and given permissions."""
    from multitool_lint.policy.made_roles import first_in_common, is_bounded  # saves start-up

    if any(is_bounded(policy, action, catalog) for action in path.actions):
        return ()
    enough = [
        [step for step in by_action[action] if is_enough(step, path, catalog, None)]
        for action in path.actions
    ]
    statements = [[step.grant.statement for step in some] for some in enough]
    found = first_in_common(statements, path.of_kind, exists=path.kind != "made")
    return [some[at] for some, at in zip(enough, found, strict=True)] if found else ()


def is_enough(
    step: GrantedStep, path: Path, catalog: Catalog, types: frozenset[str] | None
) -> bool:
    """Whether a step serves a path: what a role is passed to is new, and has any name."""
    if step.action == PASS_ROLE:
        return passes_any_role(step.grant, catalog) and passes_to(
            step.grant, path.services, catalog
        )
    statement = step.grant.statement
    if is_about_protected_roles(statement):
        return False
    is_some_enough = (
        path.kind in ("made", "pass")
        or path.rewrites_role
        or (path.kind == "own" and any(map(_OWN_USER.search, statement.resource_names)))
    )
    needed = ResourceScope.SOME if is_some_enough else ResourceScope.ALL
    return (
        not restricts_to_targets(step, catalog, types)
        and resource_scope(statement, step.action, catalog, types) >= needed
    )


def restricts_to_targets(step: GrantedStep, catalog: Catalog, types: frozenset[str] | None) -> bool:
    """Whether a condition ties the action to certain targets, or to policies without full access.

    A policy that the principal attaches is its target in the same way as a user or a role.
    """
    target = StatementTarget(step.grant.statement, step.action, types)
    return is_restricted(step.grant.policy, target, catalog, POLICY_ARN) or any(
        condition.lower_key == POLICY_ARN
        and restricts_values(condition)
        and not _admits(condition, _ADMINISTRATOR_POLICIES)
        for condition in step.grant.statement.conditions
    )


def setters_of_steps(open_path: OpenPath, catalog: Catalog) -> Iterator[TagSetter]:
    """What sets the tags by which conditions would tie the steps of a path to targets."""
    for step in open_path.steps:
        apart_from = PASSED_TO if step.action == PASS_ROLE else POLICY_ARN
        for types in open_path.path.targets or (None,):
            target = StatementTarget(step.grant.statement, step.action, types)
            yield from tag_setters(step.grant.policy, target, catalog, apart_from)


def passes_any_role(grant: Grant, catalog: Catalog) -> bool:
    """Whether the statement passes all roles, be it of one account."""
    return resource_scope(grant.statement, PASS_ROLE, catalog) == ResourceScope.ALL


def passes_to(grant: Grant, services: Sequence[str], catalog: Catalog) -> bool:
    """Whether the conditions of a statement let a role be passed to one of the services."""
    target = StatementTarget(grant.statement, PASS_ROLE)
    return not is_restricted(grant.policy, target, catalog, PASSED_TO) and all(
        _admits(condition, services)
        for condition in grant.statement.conditions
        if condition.lower_key == PASSED_TO
    )


def _admits(condition: Condition, services: Sequence[str]) -> bool:
    operator = condition.comparison
    values = [text.removesuffix(".cn") for text in condition.names]
    if not operator.family or len(values) < condition.value_count:
        return False
    fits = patterns.matches if operator.accepts_wildcards else str.__eq__
    named = any(fits(value, service) for value in values for service in services)
    return operator.family == "Null" or named != operator.negated
