"""What the managed policies of a template are for: to grant something, or to be a boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.formats import names
from multitool_lint.formats.attachments import POLICY_LISTS
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.extract import Attachment
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.tree import Node, as_list

_ATTACHED_TO = ("Groups", "Roles", "Users")
_POLICIES_OF_SAM = "Policies"
_INLINE = ("PolicyDocument", "Statement")
_NAME = re.compile(r"[A-Za-z0-9]+")


class ManagedPolicies:
    """The managed policies of a template, by what it refers to them for."""

    def __init__(self, root: Node, path: str) -> None:
        self._path = path
        self._boundaries: set[str] = set()
        self._attached: set[str] = set()
        for node in _nodes(root):
            for key, value in by_key(node).items():
                self._add(key, value)

    def attachment(self, logical_id: str, properties: Node) -> Attachment:
        """What one is: a boundary by its uses or its name, unless something has it attached."""
        given = (properties.get(key) for key in _ATTACHED_TO)
        if logical_id in self._attached or any(node and node.value != () for node in given):
            # Without the type of the resource, no name makes it a boundary.
            return Attachment(PolicyType.IDENTITY)
        name = text(properties.get("ManagedPolicyName"))
        named = names.is_boundary(name or "") or names.is_boundary(logical_id, self._path)
        is_boundary = named or logical_id in self._boundaries
        type_ = PolicyType.BOUNDARY if is_boundary else PolicyType.IDENTITY
        return Attachment(type_, names.MANAGED_POLICY)

    def _add(self, key: str, value: Node) -> None:
        if re.fullmatch(names.REFERS_TO_BOUNDARY, key):
            self._boundaries |= _logical_ids(value)
        elif key in POLICY_LISTS:
            self._attached |= _logical_ids(value)
        elif key == _POLICIES_OF_SAM:
            for item in as_list(value):
                if not any(item.get(element) for element in _INLINE):
                    self._attached |= _logical_ids(item)


def _logical_ids(value: Node) -> set[str]:
    """The names that a reference may have."""
    return {name for node in _nodes(value) for name in _NAME.findall(node.string or "")}


def _nodes(root: Node) -> Iterator[Node]:
    """All values in a value, each once: aliases of YAML can repeat it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [child for _, child in node.children()]
