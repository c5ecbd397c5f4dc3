"""The owners of two deployments: which one of the new is which one of the old."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.deployments.owner import ELSEWHERE, Owner
from multitool_lint.diffs.belonging import is_for_any
from multitool_lint.diffs.relabelled import KEY, OtherNames, relabelled
from multitool_lint.diffs.statements import content_of, in_normal_form
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.terms import identity

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment

UNATTACHED = frozenset({"document", "managed"})
"""The kinds of owners that may be attached to any identity."""

_ROUNDS = 3
"""How often what is called otherwise is looked for, as each may name others that are, too."""
_NEARNESS = 3
"""In how many places something is looked for that has moved, from the nearest one."""


class OldOwners:
    """The owners of an old deployment, by what they have in common with those of a new one."""

    def __init__(self, old: Deployment | None, new: Deployment | None) -> None:
        self._old, self._new = old, new
        self._names: Mapping[str, str] = {}
        self.after: Mapping[str, Owner] = new.owners if new else {}
        before: Mapping[str, Owner] = old.owners if old else {}
        attached = {
            address: Owner(address, "managed", address, statements)
            for address, statements in (old.managed if old else {}).items()
            if address not in before
        }
        self._here = {
            key: owner
            for key, owner in {**attached, **before}.items()
            if not key.startswith(ELSEWHERE)
        }
        self._by_content = {
            (_content(owner), place): owner
            for key, owner in self._here.items()
            for place in (_places(key)[0], *([""] if self._has_gone(key) else []))
        }

    def _has_gone(self, address: str) -> bool:
        new = self._new
        there = new.owners.get(address) if new else None
        has_gone = there is None or (there.needs_policy and not there.statements)
        return has_gone and not (new and address in new.managed)

    def same(self, address: str, owner: Owner) -> Owner | None:
        """An owner of the same content that has gone, or is another instance of the same block.

        An identity that has gone is one other: a second one of the same access is new.
        """
        if address.startswith(ELSEWHERE):
            return None
        was = self._here.get(self._names.get(address, ""))
        if was and was.kind == owner.kind and owner.kind not in ("identity", "module"):
            return was
        if address in self._moved or _is_one_of_several(owner):
            return self._moved.get(address)
        for place in (_places(address)[0], ""):
            same = self._by_content.get((_content(owner), place))
            if same and owner.kind in (same.kind, "document"):
                return same
        return None

    @cached_property
    def _moved(self) -> Mapping[str, Owner]:
        """What has gone, by the address of what has its access now: each once, and the nearest."""
        wanted = {
            address: (owner.kind, _content(owner))
            for address, owner in self.after.items()
            if not (address.startswith(ELSEWHERE) or self._has_policy(address))
        }
        gone: dict[tuple[str, str, str], list[str]] = {}
        for address, owner in self._here.items():
            if wanted and self._has_gone(address):
                key = owner.kind, _content(owner)
                for place in _places(address):
                    gone.setdefault((place, *key), []).append(address)
        found: dict[str, str] = {}
        taken: set[str] = set()
        for nearness in range(_NEARNESS):
            for address in [address for address in wanted if address not in found]:
                left = gone.get((_places(address)[nearness], *wanted[address]), [])
                while left and left[-1] in taken:
                    left.pop()
                if left:
                    found[address] = left.pop()
                    taken.add(found[address])
        return {address: self._here[was] for address, was in found.items()}

    def _has_policy(self, address: str) -> bool:
        """Whether something was there that had what it has there now."""
        before = self._here.get(address)
        return before is not None and not (before.needs_policy and not before.statements)

    def new_owners(self) -> Mapping[str, Owner]:
        """The new owners, which name what only has another address by the old one."""
        if self._old is None or self._new is None:
            return self.after
        names: dict[str, str] = {}
        for _ in range(_ROUNDS):
            identities = self._renamed(self._old, self._new)
            known = {**names, **dict(identities)}
            known.update(relabelled(self._old, self._new, known))
            if known == names:
                break
            self._names = names = known
            times = Counter(names.values())
            alone = {key: was for key, was in names.items() if times[was] == 1}
            named = OtherNames(names)
            self.after = {
                self._old_key(key, alone): named.owner(owner)
                for key, owner in self._new.owners.items()
            }
            self.__dict__.pop("_moved", None)
        return self.after

    def _old_key(self, key: str, names: Mapping[str, str]) -> str:
        """The former address of an identity that is called otherwise, to compare it with that."""
        was = names.get(key, key)
        return was if was in self._here and self._here[was].kind == "identity" else key

    def _renamed(self, before: Deployment, now: Deployment) -> Iterator[tuple[str, str]]:
        """The addresses of identities that are new, each with that of the same one that is gone."""
        old, new = before.instances, now.instances
        for address, owner in self.after.items():
            has_access = owner.statements or owner.trust or owner.attached
            if owner.kind != "identity" or not has_access or address in old or address not in new:
                continue
            same = self.same(address, owner)
            was = same.address if same else ""
            if was in old and was not in new and old[was].type == new[address].type:
                yield address, was


def _places(address: str) -> tuple[str, str, str]:
    """Where something may have moved from: the same block, the same module, anywhere."""
    block = KEY.sub("", address)
    return block, block.rsplit(".", 2)[0], ""


def _is_one_of_several(owner: Owner) -> bool:
    """Whether two of the same content have access each.

    These are identities, modules that are not in the tree, and the policies of any resource.
    """
    return owner.kind in ("identity", "module") or (
        owner.kind == "resource" and any(map(is_for_any, owner.statements))
    )


def type_of(before: Owner, after: Owner) -> PolicyType:
    """The type of the policies of an owner."""
    if "identity" in (before.kind, after.kind) or after.kind in ("managed", "module"):
        return PolicyType.IDENTITY
    statements = [*before.statements, *after.statements]
    has_principal = any(
        not {"Principal", "NotPrincipal"}.isdisjoint(statement.elements) for statement in statements
    )
    return PolicyType.RESOURCE if has_principal else PolicyType.IDENTITY


def _content(owner: Owner) -> str:
    """What is equal for owners that have the same access, where they are there.

    To whom a policy that is not attached applies is not known, however it is there.
    """
    if owner.kind not in UNATTACHED:
        made = copy.copy(owner)
        made.statements, made.trust = (
            [*map(in_normal_form, some)] for some in (owner.statements, owner.trust)
        )
        return repr((owner.kind, made.content, identity(owner.runs)))
    return repr(("unattached", *sorted(set(map(content_of, owner.statements)))))
