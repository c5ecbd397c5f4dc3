"""What users and policies belonged to before a change, and do not any more."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import uses_of
from multitool_lint.deployments.collections import listed
from multitool_lint.diffs.statements import granted

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.deployments.owner import Owner
    from multitool_lint.syntax.terms import StatementValue

    Side = Deployment | None


def left_groups(old: Side, new: Side, owner: Owner) -> Iterator[str]:
    """Why it matters that a membership is gone: a policy of the group may have denied something."""
    for use in uses_of(owner.kind):
        if use.what == "membership" and old and new:
            users, groups = (
                [old.owner_of(item, name) for item in listed(owner.facts.get(name))]
                for name in use.owners
            )
            are_there = any(user not in old.instances or user in new.instances for user in users)
            if are_there and any(_may_deny(old, group) for group in groups):
                yield "users have left a group, whose policies may have denied access"


def _may_deny(side: Deployment, group: str) -> bool:
    """Whether a group may have a policy that denies something, or that is not known."""
    owner = side.owners.get(group)
    if owner is None or group not in side.instances:
        return True
    return not all(s.unknown is None and _effect(s) == "Allow" for s in granted(owner))


def other_resources(old: Side, new: Side, owner: Owner) -> Iterator[str]:
    """Why it matters that a policy is that of another resource: it does not say which one."""
    address = owner.address
    if not (old and new and owner.kind == "resource" and new.is_policy(address)):
        return
    were, are = old.named_by(address), new.named_by(address)
    moved = [("Allow", are - were), ("Deny", were - are)]
    effects = {effect for effect, resources in moved if resources}
    if effects and any(_is_for_any(statement, effects) for statement in owner.statements):
        yield "it is the policy of another resource now"


def _is_for_any(statement: StatementValue, effects: Container[object]) -> bool:
    """Whether a statement may decide about any resource that has the policy."""
    about = listed(statement.elements.get("Resource", "*"))
    is_any = "*" in about and "NotResource" not in statement.elements
    return statement.unknown is not None or (is_any and _effect(statement) in effects)


def _effect(statement: StatementValue) -> object:
    return statement.elements.get("Effect")
