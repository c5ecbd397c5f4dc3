"""IAM policies as written: views of the values that they are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from multitool_lint.aws import condition_operators as conditions
from multitool_lint.aws.catalog.name_index import fold
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Array, LazyStringArray, Member, Node, as_list, strings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.policy.visibility import Visibility


_OF_ROLE = "AWS::IAM::RolePolicy"
_PLAIN = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})


class Condition:
    """One condition: an operator, a key and the values that a request's value is compared with.

    `comparison` is what the operator does, `NO_OPERATOR` if there is no such operator; `lower_key`
    is the name of the key in lower case; `names` are those values that are strings.
    """

    __slots__ = ("comparison", "key", "lower_key", "names", "operator", "value_count")

    def __init__(self, operator: Member, key: Member) -> None:
        self.operator: Final = operator
        self.comparison: Final = conditions.operator(operator.key) or conditions.NO_OPERATOR
        self.key: Final = key
        self.lower_key: Final = key.key.lower()
        self.names, self.value_count = _names(key)

    @property
    def values(self) -> tuple[Node, ...]:
        """All values, each with its place."""
        return as_list(self.key.value)

    @property
    def texts(self) -> Iterator[tuple[Node, str]]:
        """Those that are strings, each with its string."""
        return strings_of(self.values)


class Statement:
    """A read-only view of a statement.

    `action` is the member `Action` or `NotAction`, `actions` its values, always a tuple, and
    `action_texts` those that are strings, each with its string; `resource`, `resources` and
    `resource_texts` the same of resources; `condition` is the member, `conditions` what is read of
    it. Most checks need only `action_names` and `resource_names`, the strings alone, and
    `action_count` and `resource_count`, which count all values: they cost less than the nodes.
    `wildcards` are the numbers of the action names that have one. `negates_actions` is true of a
    NotAction, and `negates_resources` of a NotResource. `services` are the service prefixes
    of the actions, in lower case; in an `open_ended` statement some have a wildcard, or it excepts
    actions: it is about actions of services that it does not name. A `plain` one has only the most
    usual elements, each once, and strings for actions and resources. A view never fails: where the
    grammar is broken, it is empty.
    """

    __slots__ = (
        "_action_texts",
        "_joined",
        "_lower_names",
        "_resource_texts",
        "action",
        "action_count",
        "action_names",
        "allows",
        "condition",
        "conditions",
        "effect",
        "members",
        "negates_actions",
        "negates_resources",
        "node",
        "open_ended",
        "plain",
        "principal",
        "resource",
        "resource_count",
        "resource_names",
        "services",
        "sid",
        "wildcards",
    )

    def __init__(self, node: Node) -> None:
        members = node.fields()
        by_key = {member.key: member for member in members}
        sid = by_key.get("Sid")
        action = by_key.get("Action") or by_key.get("NotAction")
        resource = by_key.get("Resource") or by_key.get("NotResource")
        self.node: Final = node
        self.members: Final = members
        self.negates_actions: Final = action is not None and action.key == "NotAction"
        self.negates_resources: Final = resource is not None and resource.key == "NotResource"
        self.sid: Final = sid.value if sid else None
        self.effect: Final = _text(by_key.get("Effect"))
        self.allows: Final = self.effect == "Allow"
        self.action: Final = action
        self.resource: Final = resource
        self._action_texts: tuple[tuple[Node, str], ...] | None = None
        self._resource_texts: tuple[tuple[Node, str], ...] | None = None
        self.action_names, self.action_count = _names(action)
        self.resource_names, self.resource_count = _names(resource)
        self.principal: Final = by_key.get("Principal") or by_key.get("NotPrincipal")
        self.condition: Final = by_key.get("Condition")
        self.conditions: Final = tuple(_conditions(self.condition)) if self.condition else ()
        self.plain: Final = (
            0 < len(by_key) == len(members)
            and by_key.keys() <= _PLAIN
            and len(self.action_names) == self.action_count
            and len(self.resource_names) == self.resource_count
        )
        # All names at once take a fraction of the time that they take one by one.
        joined = "\n".join(self.action_names)
        self._joined: Final = joined
        self.wildcards: Final = _with_wildcard(self.action_names) if has_wildcard(joined) else ()
        prefixes = _prefixes(self.action_names, joined)
        self.services: Final = frozenset([prefix.lower() for prefix in prefixes])
        self.open_ended: Final = self.negates_actions or (
            self.wildcards != () and any(map(has_wildcard, prefixes))
        )
        self._lower_names: tuple[str, ...] | None = None

    @property
    def actions(self) -> tuple[Node, ...]:
        """The values of the element, be they strings or not."""
        return as_list(self.action.value) if self.action else ()

    @property
    def action_texts(self) -> tuple[tuple[Node, str], ...]:
        """Those that are strings, each with its string."""
        if self._action_texts is None:
            self._action_texts = _texts(self.actions)
        return self._action_texts

    def action_node(self, at: int) -> Node:
        """The place of the action name of that number."""
        if self.action and isinstance(self.action.value, LazyStringArray):
            return self.action.value.item(at)
        return self.action_texts[at][0]

    @property
    def resources(self) -> tuple[Node, ...]:
        """The values of the element, be they strings or not."""
        return as_list(self.resource.value) if self.resource else ()

    @property
    def resource_texts(self) -> tuple[tuple[Node, str], ...]:
        """Those that are strings, each with its string."""
        if self._resource_texts is None:
            self._resource_texts = _texts(self.resources)
        return self._resource_texts

    def resource_node(self, at: int) -> Node:
        """The place of the resource name of that number."""
        if self.resource and isinstance(self.resource.value, LazyStringArray):
            return self.resource.value.item(at)
        return self.resource_texts[at][0]

    @property
    def lower_action_names(self) -> tuple[str, ...]:
        """The action names in lower case, as AWS compares them: of ASCII only."""
        if self._lower_names is None:
            names = tuple(self._joined.lower().split("\n"))
            if len(names) != len(self.action_names) or not self._joined.isascii():
                names = tuple(map(fold, self.action_names))
            self._lower_names = names
        return self._lower_names


def _with_wildcard(names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple([at for at, name in enumerate(names) if "*" in name or "?" in name])


def _prefixes(names: tuple[str, ...], joined: str) -> set[str]:
    """The service prefixes of actions, which most statements have one of."""
    first, colon, _ = joined.partition(":")
    if colon and joined.count(f"\n{first}:") == len(names) - 1:
        return {first}
    return {name.partition(":")[0] for name in names}


def _names(element: Member | None) -> tuple[tuple[str, ...], int]:
    """The values of an element that are strings, and how many values it has in all."""
    if element is None:
        return (), 0
    node = element.value
    if isinstance(node, LazyStringArray):
        return node.texts, len(node.texts)
    value = node.value
    if isinstance(value, Array):
        return tuple([text for _, text in _texts(value)]), len(value)
    return ((value,) if isinstance(value, str) else ()), 1


def _texts(nodes: tuple[Node, ...]) -> tuple[tuple[Node, str], ...]:
    return tuple([(node, value) for node in nodes if isinstance(value := node.value, str)])


def _text(member: Member | None) -> str | None:
    value = member.value.value if member else None
    return value if isinstance(value, str) else None


def _conditions(member: Member) -> Iterator[Condition]:
    for operator in member.value.fields():
        for key in operator.value.fields():
            yield Condition(operator, key)


class Policy:
    """A policy document in a source.

    `resource_type` is the CloudFormation name of the resource that a resource policy is attached to
    (`AWS::S3::Bucket`), and `visibility` is from where that can be reached, where these are known;
    `name` distinguishes several policies of one file. Of a `fragment`, more statements may be
    elsewhere. Statements of one that is `merged_by_sid` may replace those with the same Sid in
    other documents, or be replaced by them. Only roles have one that is `of_roles`.
    """

    __slots__ = (
        "fragment",
        "merged_by_sid",
        "name",
        "of_roles",
        "resource_type",
        "root",
        "source",
        "statements",
        "type",
        "visibility",
    )

    def __init__(  # noqa: PLR0913  # the fields
        self,
        source: Source,
        root: Node,
        type: PolicyType,
        resource_type: str | None = None,
        name: str | None = None,
        visibility: Visibility | None = None,
        *,
        fragment: bool = False,
        merged_by_sid: bool = False,
        of_roles: bool = False,
        statements: tuple[Statement, ...] | None = None,
    ) -> None:
        self.fragment: Final = fragment
        self.merged_by_sid: Final = merged_by_sid
        self.of_roles: Final = of_roles or resource_type == _OF_ROLE
        self.source: Final = source
        self.root: Final = root
        self.type: Final = type
        self.resource_type: Final = resource_type
        self.name: Final = name
        self.visibility: Final = visibility
        if statements is None:
            statement = self.element("Statement")
            statements = tuple(map(Statement, as_list(statement.value if statement else None)))
        self.statements: Final = statements

    def with_root(
        self,
        root: Node,
        source: Source | None = None,
        *,
        name: str | None = None,
        fragment: bool = False,
        merged_by_sid: bool = False,
    ) -> Policy:
        """The same policy with another document or name, or known to be a part of others."""
        return Policy(
            source or self.source,
            root,
            *(self.type, self.resource_type, name or self.name, self.visibility),
            fragment=fragment or self.fragment,
            merged_by_sid=merged_by_sid or self.merged_by_sid,
            of_roles=self.of_roles,
        )

    def without(self, left_out: Collection[Statement]) -> Policy:
        """The same policy, with all of its statements but some."""
        kept = tuple(statement for statement in self.statements if statement not in left_out)
        return self._with(kept, of_roles=self.of_roles)

    def had_by_roles(self) -> Policy:
        """The same policy, known to be one that only roles have."""
        return self._with(self.statements, of_roles=True)

    def _with(self, statements: tuple[Statement, ...], *, of_roles: bool) -> Policy:
        return Policy(
            self.source,
            self.root,
            *(self.type, self.resource_type, self.name, self.visibility),
            fragment=self.fragment,
            merged_by_sid=self.merged_by_sid,
            of_roles=of_roles,
            statements=statements,
        )

    def element(self, key: str) -> Member | None:
        """A member of the policy itself, such as `Version`."""
        return self.root.fields().find(key)

    @property
    def conditions(self) -> Iterator[tuple[Statement, Condition]]:
        """All conditions, each with its statement."""
        for statement in self.statements:
            for condition in statement.conditions:
                yield statement, condition
