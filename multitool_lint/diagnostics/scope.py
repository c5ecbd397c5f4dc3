"""What of a policy a finding is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.diagnostics.finding import Finding, Related
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy import pointer as pointers
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Node, scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.pointer import ResolvedPointer

_ELEMENTS = {
    "Action": "action",
    "NotAction": "action",
    "Resource": "resource",
    "NotResource": "resource",
    "Principal": "principal",
    "NotPrincipal": "principal",
}


def element(place: ResolvedPointer) -> str | None:
    """The element of a statement that a place is in: "action", "resource" or "principal"."""
    return _ELEMENTS.get(place.keys[0]) if place.statement and place.keys else None


def marked(
    related: Sequence[Related], place: ResolvedPointer, policy: Policy
) -> Iterator[ResolvedPointer]:
    """The related places of a finding at a place.

    Where only some of the values of an element may be marked, it is the whole element.
    """
    seen: set[str] = set()
    own = element(place)
    cut = len(related) == MAX_LISTED_NAMES
    for location in related:
        found = pointers.resolve(policy, location.pointer)
        if found is None:
            continue
        kind = element(found)
        if kind and kind != own and found.statement is place.statement:
            whole = getattr(found.statement, kind)
            if whole and (cut or kind != "action"):
                found = found._replace(node=whole.value, keys=(whole.key,))
        if found.node.pointer not in seen:
            seen.add(found.node.pointer)
            yield found


def equivalent_locations(
    finding: Finding, policy: Policy, *, parts: bool = False
) -> Iterator[ResolvedPointer]:
    """The places that a finding is about as it is about its own, and those that are parts of it."""
    for location in finding.related:
        if (location.alike or (parts and location.part)) and (
            found := pointers.resolve(policy, location.pointer)
        ):
            yield found


def values(finding: Finding, place: ResolvedPointer, policy: Policy, kind: str) -> Iterator[str]:
    """The actions, resources or principals that a finding in a statement is about."""
    for node in _nodes(finding, place, policy, kind):
        for scalar in scalars(node):
            yield pointers.text(policy, scalar)


def _nodes(finding: Finding, place: ResolvedPointer, policy: Policy, kind: str) -> list[Node]:
    if element(place) == kind:
        others = (
            location.node
            for location in equivalent_locations(finding, policy, parts=True)
            if element(location) == kind
        )
        return [place.node, *others]
    marked_ = [
        location.node
        for location in marked(finding.related, place, policy)
        if location.statement is place.statement and element(location) == kind
    ]
    member = getattr(place.statement, kind)
    return marked_ or ([member.value] if member else [])
