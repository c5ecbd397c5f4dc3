"""IAM policies as written, every value with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Member:
    """One key of a JSON object with its value; `key_span` includes the quotes."""

    key: str
    key_span: Span
    value: Node


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


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A JSON value at its place: `pointer` is its RFC 6901 pointer within the policy document."""

    span: Span
    value: Value
    pointer: str


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


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: an operator, a key and the values that a request's value is compared with."""

    operator: Member
    key: Member
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A read-only view of a statement.

    `action` is the member `Action` or `NotAction` and `actions` its values, always a tuple;
    `resource` and `resources` likewise. A view never fails: where the grammar is broken, it is empty.
    """

    node: Node
    members: Members = field(init=False)
    sid: Node | None = field(init=False)
    effect: str | None = field(init=False)
    action: Member | None = field(init=False)
    actions: tuple[Node, ...] = field(init=False)
    resource: Member | None = field(init=False)
    resources: tuple[Node, ...] = field(init=False)
    principal: Member | None = field(init=False)
    conditions: tuple[Condition, ...] = field(init=False)

    def __post_init__(self) -> None:
        members = self.node.value if isinstance(self.node.value, Members) else Members()
        by_key = {member.key: member for member in members}
        sid, effect = by_key.get("Sid"), by_key.get("Effect")
        action = by_key.get("Action") or by_key.get("NotAction")
        resource = by_key.get("Resource") or by_key.get("NotResource")
        for name, value in (
            ("members", members),
            ("sid", sid.value if sid else None),
            ("effect", _text(effect)),
            ("action", action),
            ("actions", listed(action.value) if action else ()),
            ("resource", resource),
            ("resources", listed(resource.value) if resource else ()),
            ("principal", by_key.get("Principal") or by_key.get("NotPrincipal")),
            ("conditions", tuple(_conditions(by_key.get("Condition")))),
        ):
            object.__setattr__(self, name, value)

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


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A policy document in a source.

    `resource_type` is the CloudFormation name of the resource that a resource policy is attached to
    (`AWS::S3::Bucket`), where it is known; `name` tells several policies of one file apart.
    """

    source: Source
    root: Node
    type: PolicyType
    resource_type: str | None = None
    name: str | None = None
    statements: tuple[Statement, ...] = field(init=False)

    def __post_init__(self) -> None:
        statement = self.element("Statement")
        object.__setattr__(
            self,
            "statements",
            tuple(Statement(node) for node in listed(statement.value if statement else None)),
        )

    def element(self, key: str) -> Member | None:
        """A member of the policy itself, such as `Version`."""
        return self.root.value.find(key) if isinstance(self.root.value, Members) else None
