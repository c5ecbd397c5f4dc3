"""The paths of privilege escalation that policies of one identity open together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import Path, paths
from multitool_lint.aws.tagging import resource_tag
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import grants
from multitool_lint.policy.administrator import is_administrator
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import (
    OpenPath,
    first_steps,
    opened,
    reportable_paths,
    setters_of_steps,
)
from multitool_lint.policy.granted_steps import GrantedStep, steps_of_paths
from multitool_lint.policy.identities import AppliedPolicy, CombinedPolicy, combine
from multitool_lint.policy.in_force import in_force
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Member, Node


class _Alone(NamedTuple):
    """What a policy opens by itself, and whether that is everything already.

    It has some of the actions of paths. One that does not deny anything takes nothing away. One
    that sets tags may meet the conditions of others.
    """

    paths: tuple[Path, ...]
    gives_everything: bool
    actions: frozenset[str]
    denies: bool
    sets_tags: bool


def combined_paths(
    policies: Sequence[AppliedPolicy], boundary: AppliedPolicy | None, catalog: Catalog
) -> tuple[CombinedPolicy, list[OpenPath]] | None:
    """The policies as one, with the paths that no single one of them opens; None if there are none.

    A policy that allows everything by itself is reported by itself: the others are combined. If a
    boundary is unknown, there are none.
    """
    known = [(applied, text) for applied in policies if (text := applied.document(catalog))]
    if not known[1:] or not _may_open([policy for _, policy in known], catalog, alone=False):
        return None
    alone = [_alone(policy, catalog) for _, policy in known]
    candidates = _candidates([found for found in alone if not found.gives_everything], catalog)
    limit = boundary.document(catalog) if boundary else None
    if not candidates or (boundary and limit is None):
        return None
    needed = {action for path in candidates for action in path.needed}
    taken = [
        (applied, found.gives_everything)
        for applied, found in zip(known, alone, strict=True)
        if found.denies or found.sets_tags or not needed.isdisjoint(found.actions)
    ]
    denials = frozenset(number for number, (_, everything) in enumerate(taken) if everything)
    combined = combine([applied for applied, _ in taken], catalog, denials=denials)
    found_paths = [
        open_path
        for open_path in _reportable(combined.policy, catalog)
        if open_path.path in candidates
        and len(set(_starts(open_path, combined, catalog))) > 1
        and (limit is None or any(opened([open_path.path], limit, catalog)))
    ]
    return (combined, found_paths) if found_paths else None


def escalating_paths(
    policies: Sequence[AppliedPolicy],
    boundary: AppliedPolicy | None,
    catalog: Catalog,
    *,
    of_role: bool,
) -> tuple[Path, ...]:
    """The paths that policies open alone or together, and that need no target that exists."""
    known = [(applied, text) for applied in policies if (text := applied.document(catalog))]
    limit = boundary.document(catalog) if boundary else None
    if not known or (boundary and limit is None):
        return ()
    if not _may_open([policy for _, policy in known], catalog, alone=True):
        return ()
    combined = combine(known, catalog, denials=frozenset()).policy
    combined = combined.had_by_roles() if of_role else combined
    found = [one.path for one in reportable_paths(combined, catalog, targets=False)]
    return tuple(path for path in found if limit is None or any(opened([path], limit, catalog)))


def _may_open(policies: Sequence[Policy], catalog: Catalog, *, alone: bool) -> bool:
    """Whether policies open a path if they deny nothing: a quick no, before they are combined.

    With `alone`, also a path of one action, but none that needs a target.
    """
    steps: dict[str, list[GrantedStep]] = {}
    for policy in policies:
        for action, some in steps_of_paths(policy, catalog).items():
            steps.setdefault(action, []).extend(some)
    return any(map(_has_conditions_on_tags, policies)) or any(
        path.kind == "made" or first_steps(path, steps, catalog)
        for path in _complete(frozenset(steps), catalog, alone=alone)
        if not (alone and path.kind == "target")
    )


def _candidates(giving: Sequence[_Alone], catalog: Catalog) -> frozenset[Path]:
    """The paths whose actions some policies have together, and of which none says as much."""
    actions = frozenset[str]().union(*(found.actions for found in giving))
    by_one = [path for found in giving for path in found.paths]
    sets_tags = any(found.sets_tags for found in giving)
    return frozenset(
        path
        for path in _complete(actions, catalog, alone=sets_tags)
        if not any(_says_as_much(found, path) for found in by_one)
    )


@lru_cache(maxsize=1024)
def _complete(actions: frozenset[str], catalog: Catalog, *, alone: bool) -> tuple[Path, ...]:
    """The paths of which some actions are all that they need; also those of one action `alone`."""
    return tuple(
        path
        for path in paths(catalog)
        if path.needed <= actions and (alone or len(path.needed) > 1)
    )


@lru_cache(maxsize=256)
def _has_conditions_on_tags(policy: Policy) -> bool:
    return any(
        resource_tag(condition.lower_key)
        for statement in policy.statements
        for condition in statement.conditions
    )


def _reportable(policy: Policy, catalog: Catalog) -> list[OpenPath]:
    return [
        open_path
        for targets in (False, True)
        for open_path in reportable_paths(policy, catalog, targets=targets)
    ]


@lru_cache(maxsize=256)
def _alone(policy: Policy, catalog: Catalog) -> _Alone:
    """What a policy opens by itself; kept because many identities have the same policies."""
    actions = frozenset(steps_of_paths(policy, catalog))
    policy = in_force(policy, catalog)
    may_open = _complete(actions, catalog, alone=True)
    opened_alone = tuple(found.path for found in (_reportable(policy, catalog) if may_open else ()))
    return _Alone(
        opened_alone,
        is_administrator(policy, None, catalog)
        or any(path.kind not in ("pass", "target") for path in opened_alone),
        actions,
        any(not statement.allows for statement in policy.statements),
        any(catalog.at_levels(grant.actions, ("Tagging",)) for grant in grants(policy, catalog)),
    )


def _says_as_much(path: Path, other: Path) -> bool:
    """Whether a path gives the same as another one."""
    shared = set(path.services) & set(other.services)
    is_alike = path.kind != "target" or _service(path) == _service(other)
    return path.kind == other.kind and is_alike and bool(shared or not other.services)


def _service(path: Path) -> str:
    return path.actions[0].partition(":")[0]


def _starts(open_path: OpenPath, combined: CombinedPolicy, catalog: Catalog) -> Iterator[int]:
    """Where the policies begin that have a part in a path."""
    nodes = [step.node for step in open_path.steps]
    nodes += (setter.node for setter in setters_of_steps(open_path, catalog))
    for node in nodes:
        yield combined.part_at(_span(node)).start


def _span(node: Node | Member) -> Span:
    return node.key_span if isinstance(node, Member) else node.span
