"""What a policy means, however it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from multitool_lint.aws import patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn import completed, matches_all
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.policy_variables import SINCE
from multitool_lint.limits import MAX_STATEMENT_SCOPES
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import all_actions
from multitool_lint.policy.compare.conditions import (
    ALWAYS,
    NEVER,
    UNKNOWN_MARK,
    CanonicalCondition,
    canonical_condition,
)
from multitool_lint.policy.compare.scope import RequestScope, Resources, canonical_principal
from multitool_lint.policy.compare.unknown_texts import unknown_text, without_variables
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, Object, as_list

_ELEMENTS = frozenset(
    {
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    }
)
_PRINCIPALS = frozenset({"AWS", "Service", "Federated", "CanonicalUser", "*"})
_NOBODY = "its principal is unknown"
_NO_OBJECT = "its Condition is not an object of objects"


class UndecidableError(Exception):
    """The meaning of a statement is unknown; the message is a phrase that says why."""


class ActionPatterns(NamedTuple):
    """The actions of a statement: patterns in lower case, and whether NotAction has them.

    Unknown actions are among the patterns, and match only themselves.
    """

    patterns: frozenset[str]
    wildcards: tuple[str, ...]
    negated: bool

    def have(self, name: str) -> bool:
        """Whether an action that the catalog has not, or a pattern of such, is among them."""
        return self.negated != (
            name in self.patterns
            or any(patterns.covers(wildcard, name) for wildcard in self.wildcards)
        )


def open_patterns(statement: Statement) -> frozenset[str]:
    """The patterns of actions that are compared with the actions of all services."""
    return frozenset(
        text.lower()
        for _, text in statement.action_texts
        if text.strip("*:") and patterns.has_wildcard(text.partition(":")[0])
    )


class StatementSemantics:
    """What a statement means: its actions and its scopes."""

    def __init__(self, statement: Statement, policy: Policy, catalog: Catalog) -> None:
        _Reader(statement, policy).check()
        self.statement = statement
        self.policy = policy
        self.allows = statement.allows
        self._catalog = catalog

    @cached_property
    def names(self) -> ActionPatterns:
        """The actions as they are written."""
        texts = [
            node.value.lower()
            if isinstance(node.value, str)
            else unknown_text(self.policy.source.part(node.span))
            for node in self.statement.actions
        ]
        wildcards = tuple(filter(patterns.has_wildcard, texts))
        return ActionPatterns(frozenset(texts), wildcards, self.statement.negates_actions)

    @cached_property
    def actions(self) -> ActionSet:
        """The actions of the catalog."""
        found = ActionSet().union(self._matched.values())
        return all_actions(self._catalog) - found if self.names.negated else found

    @cached_property
    def foreign(self) -> frozenset[str]:
        """Those of its patterns that match no current action of the catalog."""
        return frozenset(text for text, found in self._matched.items() if not found)

    @cached_property
    def _matched(self) -> dict[str, ActionSet]:
        """The current actions that each of the patterns matches; wildcards match no others."""
        everything = all_actions(self._catalog)
        return {
            text: ActionSet()
            if text.startswith(UNKNOWN_MARK)
            else self._catalog.match(text) & everything
            for text in self.names.patterns
        }

    @cached_property
    def scopes(self) -> tuple[RequestScope, ...]:
        """Its scopes, the same for each of the actions, in the order of the text."""
        return tuple(_Reader(self.statement, self.policy).scopes())


class _Reader:
    """Reads a statement.

    Raises:
        UndecidableError: its meaning is unknown.
    """

    def __init__(self, statement: Statement, policy: Policy) -> None:
        self._statement = statement
        self._source = policy.source
        self._has_variables = has_variables(policy)
        self._completes_arns = policy.type.completes_arns

    def check(self) -> None:
        """Give up on what AWS would not accept, and on what is unknown."""
        statement = self._statement
        keys = {member.key for member in statement.members}
        for key in sorted(keys - _ELEMENTS):
            raise UndecidableError(f'"{key}" is not an element of a statement')
        for element in ("Action", "Resource", "Principal"):
            if {element, f"Not{element}"} <= keys:
                raise UndecidableError(f"it has both {element} and Not{element}")
        if statement.effect not in ("Allow", "Deny"):
            raise UndecidableError("its Effect is not known")
        if statement.action is None:
            raise UndecidableError("it has no Action")
        for member, negated, nodes in (
            (statement.action, statement.negates_actions, statement.actions),
            (statement.resource, statement.negates_resources, statement.resources),
        ):
            for node in nodes:
                if node.value is UNKNOWN and negated and member:
                    raise UndecidableError(f"a part of its {member.key} is unresolved")
                if not isinstance(node.value, str) and node.value is not UNKNOWN:
                    raise UndecidableError("an action or resource in it is not a string")

    def scopes(self) -> Iterator[RequestScope]:
        """The units of the statement."""
        clauses = frozenset(self._clauses()) - {ALWAYS}
        if NEVER in clauses:
            return
        principals = list(dict.fromkeys(self._principals()))
        if not principals:
            raise UndecidableError(_NOBODY)
        resources = list(dict.fromkeys(self._resources()))
        if len(principals) * len(resources) > MAX_STATEMENT_SCOPES:
            raise UndecidableError("it has too many resources and principals")
        for resource in resources:
            for principal in principals:
                yield RequestScope(resource, principal, clauses)

    def _resources(self) -> Iterator[Resources]:
        statement = self._statement
        texts = tuple(
            self._text(node, has_variables=self._has_variables) for node in statement.resources
        )
        if self._completes_arns:
            texts = tuple(map(completed, texts))
        if statement.resource is None:
            yield Resources(())
        elif not texts:
            raise UndecidableError("its list of resources is empty")
        elif statement.negates_resources:
            if any(map(matches_all, texts)):
                return
            yield Resources(tuple(sorted(set(texts))), negated=True)
        else:
            for text in texts:
                yield Resources((text,))

    def _principals(self) -> Iterator[tuple[str, str] | None]:
        member = self._statement.principal
        if member is None:
            yield None
        elif member.key == "NotPrincipal":
            yield self._all_but(member)
        else:
            yield from self._named(member)

    def _all_but(self, member: Member) -> tuple[str, str]:
        """All principals but some: the same as all but the same ones, and nothing else."""
        named = set(self._named(member))
        if not named or ("AWS", "*") in named:
            raise UndecidableError(_NOBODY)
        return "NotPrincipal", ", ".join(sorted(f"{kind} {text}".lstrip() for kind, text in named))

    def _named(self, member: Member) -> Iterator[tuple[str, str]]:
        value = member.value.value
        if isinstance(value, str):
            yield canonical_principal("AWS", value) if value == "*" else ("", value)
        elif value is UNKNOWN:
            yield "", self._text(member.value, has_variables=True)
        elif isinstance(value, Object):
            for kind in _last_of_each(value):
                if kind.key not in _PRINCIPALS:
                    raise UndecidableError(f'"{kind.key}" is not a kind of principal')
                for node in as_list(kind.value):
                    yield canonical_principal(kind.key, self._text(node, has_variables=True))
        else:
            raise UndecidableError(_NOBODY)

    def _clauses(self) -> Iterator[CanonicalCondition]:
        member = self._statement.members.find("Condition")
        if member is None:
            return
        for operator in _last_of_each(member.value.value):
            for key in _last_of_each(operator.value.value):
                values = [
                    self._text(node, has_variables=self._has_variables)
                    for node in as_list(key.value)
                ]
                found = canonical_condition(operator.key, key.key, values)
                if found is None:
                    raise UndecidableError(f'"{operator.key}" is not a condition operator')
                yield found

    def _text(self, node: Node, *, has_variables: bool) -> str:
        value = node.value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):  # as it is written: a float has 17 digits at most
            return self._source.text[node.span.start : node.span.end]
        if isinstance(value, str):
            return value if has_variables else without_variables(value)
        if value is UNKNOWN:
            return unknown_text(self._source.part(node.span), has_variables=has_variables)
        raise UndecidableError("a value in it is not a string")


def has_variables(policy: Policy) -> bool:
    """Whether `${...}` is a variable in a policy: in its version, it may be plain text."""
    members = policy.root.value
    version = members.find("Version") if isinstance(members, Object) else None
    return version is not None and version.value.value in (SINCE, UNKNOWN)


def _last_of_each(value: object) -> Iterable[Member]:
    """The members of an object, of duplicate keys the last one, as JSON parsers take it.

    Keys that differ in case only are not duplicates to those, and are the same to AWS.
    """
    if not isinstance(value, Object):
        raise UndecidableError("its Condition is unresolved" if value is UNKNOWN else _NO_OBJECT)
    members = {member.key: member for member in value}
    seen: dict[str, str] = {}
    for key in members:
        if key.lower() in seen:
            raise UndecidableError(f'"{seen[key.lower()]}" and "{key}" are the same to AWS')
        seen[key.lower()] = key
    return members.values()
