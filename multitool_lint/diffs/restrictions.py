"""What restricted access, and does not any more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from multitool_lint.deployments.owner import COMMAND, EXAMPLE
from multitool_lint.diffs.statements import denies_by_name, granted
from multitool_lint.formats.command_effects import may_limit, only_shares
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import identity

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.deployments.owner import Owner
    from multitool_lint.syntax.terms import Guards, StatementValue

RESTRICTS = lazy_pattern(r"den[yi]|bound|scp|guardrail", re.IGNORECASE)
"""What a module may have that restricts others' access."""
_ATTACHES_OF_AWS = lazy_pattern(r"(?<!\S)attach-(?:role|user|group)-policy\s.*:iam::aws:policy/")


def restrictions_gone(owner: Owner) -> Iterator[str]:
    """Why it matters that an owner is gone: it may have restricted others."""
    if owner.is_restriction or owner.blocking:
        yield "what it restricted is not restricted any more"
    if owner.kind == COMMAND and not _attaches_what_allows(owner):
        yield "the command is gone; what it did is not compared"
    if owner.kind == EXAMPLE and may_limit(str(owner.facts.get("given"))):
        yield "the command is gone; what it did is not compared"
    words = [owner.address, *owner.facts, *map(shown, owner.facts.values())]
    if owner.kind == "module" and any(map(RESTRICTS.search, words)):
        yield "a module is gone that may have restricted access"


def _attaches_what_allows(owner: Owner) -> bool:
    """Whether a command attaches a policy of AWS that denies nothing, or gives others access."""
    command = str(owner.facts.get("given"))
    attaches = _ATTACHES_OF_AWS.search(command) is not None and not denies_by_name(command)
    return attaches or only_shares(command)


def overwritten(old: Deployment, new: Deployment) -> Iterator[tuple[str, str]]:
    """The identities with several inline policies of one name now, and why that matters."""
    for address, owner in new.owners.items():
        before = old.owners.get(address)
        names = _overwritten(owner) - (_overwritten(before) if before else set())
        if before and names:
            listed = ", ".join(sorted(names))
            yield owner.title, f"several inline policies, one of which denies, are called {listed}"


def _overwritten(owner: Owner) -> set[str]:
    """The names of several inline policies, of which only the last one is there.

    If some of them deny something, it may not be denied.
    """
    names = Counter(
        identity(given.name) for given in owner.given if given.is_inline and given.name is not None
    )
    return {
        shown(given.name)
        for given in owner.given
        if given.is_inline and names[identity(given.name)] > 1 and given.policy
        if any(map(_is_denial, given.policy.statements))
    }


def _is_denial(statement: StatementValue) -> bool:
    """Whether a statement may be a Deny."""
    return statement.elements.get("Effect") != "Allow"


def has_stayed(new: Deployment | None, owner: Owner) -> bool:
    """Whether the resource is still there that has had a policy as an argument."""
    places = owner.address, owner.address.partition("/")[0]
    return owner.kind == "resource" and new is not None and any(p in new.instances for p in places)


def goes_with_its_resource(
    old: Deployment, new: Deployment | None, owner: Owner, made: Collection[str]
) -> bool:
    """Whether what is gone belonged to a resource that is gone, too, and was not renamed.

    A deployment that is gone as a whole may be a part of others now, if these have `made` resources
    of the type.
    """
    if owner.kind != "resource" or owner.is_restriction:
        return False
    of = old.attached_to(owner.address)
    if not of:
        return False
    if new is None:
        return old.instances[of].type not in made
    return of not in new.instances and not _may_be_renamed(old, new, old.instances[of].type)


def guards_of_its_resource(old: Deployment | None, new: Deployment | None, owner: Owner) -> Guards:
    """When the resource is there that an owner is for: elsewhere, nothing has to be denied."""
    is_of_one = owner.kind in ("identity", "resource") and not owner.is_restriction
    if not (old and new and is_of_one):
        return ()
    is_part = bool(owner.blocks) or new.is_policy(owner.address)
    of = new.attached_to(owner.address) if is_part else owner.address
    resource = new.instances.get(of)
    if resource is None or _may_be_renamed(old, new, resource.type):
        return ()
    return resource.guards


def _may_be_renamed(old: Deployment, new: Deployment, kind: str) -> bool:
    """Whether there is a resource of a type that was not there before."""
    return kind in made_types(old, new)


def made_types(old: Deployment | None, new: Deployment | None) -> set[str]:
    """The types of the resources that were not there before."""
    before = old.instances if old else {}
    after = new.instances if new else {}
    return {resource.type for address, resource in after.items() if address not in before}


def groups_left(old: Deployment, new: Deployment) -> Iterator[tuple[str, str]]:
    """The users who are not in a group any more that may deny something, and why that matters."""
    for user, groups in old.groups.items():
        is_there = user not in old.instances or user in new.instances
        for group, guards in groups if is_there else ():
            is_in = any(g == group and {*more} <= {*guards} for g, more in new.groups.get(user, ()))
            if not is_in and _may_deny(old, group):
                title = old.title_of(group)
                yield old.title_of(user), f"is not in {title} any more, which may deny something"


def _may_deny(deployment: Deployment, address: str) -> bool:
    """Whether an identity denies something, or may have policies that are not read."""
    owner = deployment.owners.get(address)
    if owner is None:
        return address not in deployment.instances
    return any(map(_is_denial, granted(owner)))
