"""IAM policies as written, every value with its place in the text.

Plain classes with slots rather than frozen dataclasses: a policy has hundreds of nodes, and such a
class is made in a third of the time. `Final` keeps them from being changed.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.source import Source, Span


class Unknown(Enum):
    """The type of UNKNOWN."""

    UNKNOWN = "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
"""A value decided elsewhere (`${var.name}`, `{{ x }}`): a rule that meets it stays silent."""


class PolicyType(Enum):
    """Where a policy is attached, which decides what its elements may be.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types
    """

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"


class Member:
    """One key of a JSON object with its value; `key_span` includes the quotes."""

    __slots__ = ("key", "key_span", "value")

    def __init__(self, key: str, key_span: Span, value: Node) -> None:
        self.key: Final = key
        self.key_span: Final = key_span
        self.value: Final = value


class Items(tuple["Node", ...]):
    """The value of an array."""

    __slots__ = ()


class Members(tuple[Member, ...]):
    """The value of an object: its members in order, duplicate keys kept."""

    __slots__ = ()

    def find(self, key: str) -> Member | None:
        """The member of that key; the last one of duplicates, as JSON parsers take it."""
        for member in reversed(self):
            if member.key == key:
                return member
        return None


Value = str | int | float | bool | None | Items | Members | Unknown


class Node:
    """A JSON value at its place: `pointer` is its RFC 6901 pointer within the policy document."""

    __slots__ = ("pointer", "span", "value")

    def __init__(self, span: Span, value: Value, pointer: str) -> None:
        self.span: Final = span
        self.value: Final = value
        self.pointer: Final = pointer


def texts(nodes: Iterable[Node]) -> Iterator[tuple[Node, str]]:
    """The nodes that are strings, each with its string: neither UNKNOWN nor of a wrong type."""
    for node in nodes:
        if isinstance(node.value, str):
            yield node, node.value


def listed(node: Node | None) -> tuple[Node, ...]:
    """The items of an array; a single value stands for a list of one, as in IAM's grammar."""
    if node is None:
        return ()
    return node.value if isinstance(node.value, Items) else (node,)


class Condition:
    """One condition: an operator, a key and the values that a request's value is compared with."""

    __slots__ = ("key", "operator", "values")

    def __init__(self, operator: Member, key: Member, values: tuple[Node, ...]) -> None:
        self.operator: Final = operator
        self.key: Final = key
        self.values: Final = values


class Statement:
    """A read-only view of a statement.

    `action` is the member `Action` or `NotAction`, `actions` its values, always a tuple, and
    `action_texts` those that are strings, each with its string; `resource`, `resources` and
    `resource_texts` likewise. A view never fails: where the grammar is broken, it is empty.
    """

    __slots__ = (
        "action",
        "action_texts",
        "actions",
        "conditions",
        "effect",
        "members",
        "node",
        "principal",
        "resource",
        "resource_texts",
        "resources",
        "sid",
    )

    def __init__(self, node: Node) -> None:
        members = node.value if isinstance(node.value, Members) else Members()
        by_key = {member.key: member for member in members}
        sid = by_key.get("Sid")
        action = by_key.get("Action") or by_key.get("NotAction")
        resource = by_key.get("Resource") or by_key.get("NotResource")
        self.node: Final = node
        self.members: Final = members
        self.sid: Final = sid.value if sid else None
        self.effect: Final = _text(by_key.get("Effect"))
        self.action: Final = action
        self.actions: Final = listed(action.value) if action else ()
        self.action_texts: Final = tuple(texts(self.actions))
        self.resource: Final = resource
        self.resources: Final = listed(resource.value) if resource else ()
        self.resource_texts: Final = tuple(texts(self.resources))
        self.principal: Final = by_key.get("Principal") or by_key.get("NotPrincipal")
        self.conditions: Final = tuple(_conditions(by_key.get("Condition")))

    @property
    def allows(self) -> bool:
        """Whether the effect is Allow."""
        return self.effect == "Allow"

    @property
    def negates_actions(self) -> bool:
        """Whether the actions stand under NotAction."""
        return self.action is not None and self.action.key == "NotAction"

    @property
    def negates_resources(self) -> bool:
        """Whether the resources stand under NotResource."""
        return self.resource is not None and self.resource.key == "NotResource"


def _text(member: Member | None) -> str | None:
    value = member.value.value if member else None
    return value if isinstance(value, str) else None


def _conditions(member: Member | None) -> Iterator[Condition]:
    if member is None or not isinstance(member.value.value, Members):
        return
    for operator in member.value.value:
        if isinstance(operator.value.value, Members):
            for key in operator.value.value:
                yield Condition(operator, key, listed(key.value))


class Policy:
    """A policy document in a source.

    `resource_type` is the CloudFormation name of the resource that a resource policy is attached to
    (`AWS::S3::Bucket`), where it is known; `name` tells several policies of one file apart.
    """

    __slots__ = ("name", "resource_type", "root", "source", "statements", "type")

    def __init__(
        self,
        source: Source,
        root: Node,
        type: PolicyType,
        resource_type: str | None = None,
        name: str | None = None,
    ) -> None:
        self.source: Final = source
        self.root: Final = root
        self.type: Final = type
        self.resource_type: Final = resource_type
        self.name: Final = name
        statement = self.element("Statement")
        self.statements: Final = tuple(
            Statement(node) for node in listed(statement.value if statement else None)
        )

    def element(self, key: str) -> Member | None:
        """A member of the policy itself, such as `Version`."""
        return self.root.value.find(key) if isinstance(self.root.value, Members) else None
