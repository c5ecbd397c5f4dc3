"""What policies belonged to before a change, and do not any more."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from multitool_lint.deployments.owner import Owner
from multitool_lint.values.collections import listed

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.syntax.terms import StatementValue

    Side = Deployment | None


def other_resources(old: Side, new: Side, owner: Owner) -> Iterator[str]:
    """Why it matters that a policy is that of another resource: it does not say which one."""
    address = owner.address
    if not (old and new and owner.kind == "resource" and new.is_policy(address)):
        return
    were, are = old.named_by(address), new.named_by(address)
    moved = [("Allow", are - were), ("Deny", were - are)]
    effects = {effect for effect, resources in moved if resources}
    if effects and any(is_for_any(statement, effects) for statement in owner.statements):
        yield "it is the policy of another resource now"


def other_providers(before: Owner, after: Owner) -> Iterator[str]:
    """Why it matters what makes an owner now: it is not what made it, or one configured as that."""
    known = {provider.who for provider in before.providers}
    alike = {(one.account, one.configuration) for one in before.providers if one.configuration}
    others = {
        provider.title
        for provider in after.providers
        if provider.who not in known and (provider.account, provider.configuration) not in alike
    }
    if others:
        yield f"it is made by another provider now: {', '.join(sorted(others))}"


def has_policy(side: Side, owner: Owner) -> bool:
    """Whether a resource has a policy, as an argument or as a resource of its own."""
    return bool(owner.statements) or any(
        side.is_policy(other.address) and side.attached_to(other.address) == owner.address
        for other in (side.owners.values() if side else ())
        if side and other.statements and other.needs_policy
    )


def has_lost_its_policy(old: Side, new: Side, owner: Owner) -> bool:
    """Whether a resource has no policy any more, of which one as a resource of its own is gone."""
    if not (old and owner.statements and owner.needs_policy):
        return False
    of = new.owners.get(old.attached_to(owner.address)) if new else None
    return old.is_policy(owner.address) and not (of and has_policy(new, of))


def open_before(old: Side, new: Side, owner: Owner) -> Owner | None:
    """What everything was allowed to, or would be, for which an owner is the policy now.

    A new resource counts if no other one of its type is gone: what limited that may limit less now.
    """
    if not (old and new and owner.is_open and owner.statements):
        return None
    of = new.attached_to(owner.address) or owner.address
    before, made = old.owners.get(of), new.instances.get(of)
    if before is None and made and not _is_gone(old, new, made.type):
        before = Owner(of, owner.kind, owner.title)
        before.uses |= owner.uses
    return before if before and before.is_open else None


def _is_gone(old: Deployment, new: Deployment, kind: str) -> bool:
    """Whether a resource of a type is not there any more."""
    gone = (resource for address, resource in old.instances.items() if address not in new.instances)
    return any(resource.type == kind for resource in gone)


def is_for_any(statement: StatementValue, effects: Container[object] = ("Allow",)) -> bool:
    """Whether a statement may decide about any resource that has the policy."""
    about = listed(statement.elements.get("Resource", "*"))
    is_any = "*" in about and "NotResource" not in statement.elements
    return statement.unknown is not None or (is_any and _effect(statement) in effects)


def _effect(statement: StatementValue) -> object:
    return statement.elements.get("Effect")
