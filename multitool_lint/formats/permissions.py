"""Resources that are one statement of the policy of another resource, as a Lambda permission is.

AWS puts the statement into the policy; a table says which property becomes which part of it. The
statement is linted at the places of the properties, and not changed: a change may be one that no
property has a place for.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats.extract import Attachment, Candidate
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    TextOf = Callable[[Node], str | None]
    """Gives the text of a value, with `${...}` for what is unknown; None if all of it is."""

_UNCHANGED: Final = "the properties of a resource make this statement"
_CONDITION: Final = "Condition"
_TEST: Final = 3
"""The properties of a condition: operator, key and value."""


class PermissionPart(NamedTuple):
    """What properties become: the path of an element, or of the value of a condition."""

    properties: tuple[str, ...]
    path: tuple[str, ...]
    default: str


class Permission(NamedTuple):
    """A type of resource: what its statement is about, and the parts of it."""

    attachment: Attachment
    parts: tuple[PermissionPart, ...]

    @property
    def properties(self) -> tuple[str, ...]:
        """All properties that become something, each with the one that it is in."""
        return tuple(name for part in self.parts for name in part.properties)

    def policy(self, place: tuple[int, int], values: Mapping[str, Node], text_of: TextOf) -> Node:
        """The policy with the statement of a resource, given the values of its properties."""
        statement = Node(place, Object(_members(self.parts, place, values, text_of)), "")
        return policy_around(Node(place, Array([statement]), ""))

    def candidate(self, root: Node, name: str) -> Candidate:
        """The candidate that such a policy is."""
        return Candidate(
            root,
            Span(*root.span),
            name,
            self.attachment,
            fixed=(Span(*root.span),),
            unchanged=_UNCHANGED,
        )


@bundled_table("permissions.tsv")
def permissions(rows: Rows) -> Mapping[str, Permission]:
    """The resources that are one statement, by their types."""
    found: dict[str, Permission] = {}
    for type_, attached, names, path, *default in rows:
        part = PermissionPart(tuple(names.split()), tuple(path.split("/")), "".join(default))
        earlier = found[type_].parts if type_ in found else ()
        found[type_] = Permission(Attachment(PolicyType.RESOURCE, attached), (*earlier, part))
    return MappingProxyType(found)


def _members(
    parts: Iterable[PermissionPart],
    place: tuple[int, int],
    values: Mapping[str, Node],
    text_of: TextOf,
) -> Iterable[Member]:
    """The members of a statement."""
    start = (place[0], place[0])
    # AWS makes up a Sid where no property has one, and knows the resource.
    found = {
        "Sid": _unknown(start),
        "Effect": Node(start, "Allow", ""),
        "Resource": _unknown(start),
    }
    conditions: dict[str, list[Member]] = {}
    for part in parts:
        nodes = [_as_text(values[name]) for name in part.properties if name in values]
        # Terraform does not pass an empty text on to AWS.
        nodes = [node for node in nodes if node.value not in (None, "")]
        if part.default and not nodes:
            nodes = [Node(start, part.default, "")]
        element, *condition = part.path
        if not nodes:
            continue
        if condition and element == _CONDITION:
            operator, key = condition
            conditions.setdefault(operator, []).append(_member(key, nodes[0]))
        else:
            found[element] = _element(part, nodes, text_of)
    if conditions:
        tests = [_member(operator, _object(keys)) for operator, keys in conditions.items()]
        found[_CONDITION] = _object(tests)
    return (_member(key, node) for key, node in found.items())


def _element(part: PermissionPart, nodes: Sequence[Node], text_of: TextOf) -> Node:
    """The value of an element that properties become."""
    texts = [text_of(node) or "" for node in nodes]
    if part.path[0] == "Action" and part.path[1:]:
        return nodes[0].moved(lambda span: span, lambda node: _prefixed(part.path[1], node.value))
    if part.path == ("Principal",):
        return _principal(nodes[0], texts[0])
    if part.path == (_CONDITION,):
        if (
            len(nodes) < max(len(part.properties), _TEST)
            or "" in texts[:-1]
            or "${" in "".join(texts[:-1])
        ):
            return _unknown(nodes[0].span)
        operator, key, _ = texts
        return _object([_member(operator, _object([_member(key, nodes[-1])]))])
    if part.path[0] == "Resource" and not (part.path == ("Resource",) and _is_arn(texts[0])):
        return _unknown(nodes[0].span)
    return nodes[0]


def _principal(node: Node, text: str) -> Node:
    """The principal that AWS makes of a text: everyone, an account or ARN, or a service."""
    if text == "*":
        return node
    if isinstance(node.value, Array):
        return _object([_member("AWS", node)])
    if not text or ("${" in text and not (_is_arn(text) or "." in text)):
        return _unknown(node.span)
    kind = "AWS" if _is_arn(text) or "." not in text else "Service"
    return _object([_member(kind, node)])


def _prefixed(service: str, value: Value) -> Value:
    """The name of an action with its service, which some commands leave out."""
    return f"{service}:{value}" if isinstance(value, str) else value


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")


def _as_text(node: Node) -> Node:
    """A number, as of an account, or a truth value as the text that AWS gets."""
    value = node.value
    if isinstance(value, bool):
        return Node(node.span, str(value).lower(), "")
    return Node(node.span, str(value), "") if isinstance(value, int) else node


def _unknown(span: tuple[int, int]) -> Node:
    return Node(span, UNKNOWN, "")


def _member(key: str, node: Node) -> Member:
    return Member(key, node.span, node)


def _object(members: Sequence[Member]) -> Node:
    return Node(members[0].key_span, Object(members), "")
