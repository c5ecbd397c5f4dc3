"""The policies of a source, for those who need all of them."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.formats import Problem, Skipped, read_source
from multitool_lint.formats.facts import facts
from multitool_lint.policy.changes import Unknown
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.policy.policy_set import Facts
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.tree import Node


_KEYS = frozenset({"Id", "Statement", "Version"})


class NoPolicyError(ValueError):
    """A source without a policy, with its `facts`."""

    def __init__(self, message: str, facts: Facts) -> None:
        super().__init__(message)
        self.facts = facts


def policies_of(
    source: Source, *, type: PolicyType | None = None, resource_type: str | None = None
) -> PolicySet:
    """Read the policies of a source, and say what of it could not be read.

    Raises:
        NoPolicyError: there is none.
        ValueError: some of it is not in its format.
    """
    loaded = read_source(source, type=type, resource_type=resource_type)
    found = list(chain(loaded.policies, loaded.cases, loaded.problems, loaded.skipped))
    found += loaded.stream
    policies: list[ConditionalPolicy] = []
    unread: dict[Span, str] = {}
    references: dict[Unknown, tuple[str, str]] = {}
    reasons = []
    for item in found:
        if isinstance(item, Problem):
            raise ValueError(f"{_place(source, item.span)}: {item.sentence}")  # noqa: TRY004 - of the text
        if isinstance(item, Skipped):
            reasons.append(item.reason)
            if item.unread or item.file:
                unread.setdefault(item.span, item.reason)
                if item.file and item.file.address and unread[item.span] == item.reason:
                    reference = item.file.name, item.file.address
                    references[Unknown(_place(source, item.span), item.reason)] = reference
        else:
            policy = item if isinstance(item, Policy) else item.policy
            place = partial(_place_of, source, item)
            policies.append(ConditionalPolicy(policy, place, getattr(item, "cases", ())))
            for node, why in _unknown_parts(policy):
                span = node.span if isinstance(item, Policy) else item.to_file(node.span)
                unread.setdefault(span, why)
    known = facts(source)
    if known.there:
        policies = [_if_there(member, known) for member in policies]
    if known.documents:
        policies = [_with_name(member, known.documents) for member in policies]
    if not (policies or unread or known.links):
        reason = reasons[0] if reasons else "nothing that could be compared"
        raise NoPolicyError(f"{source.path}: no policy: {reason}", known)
    unknown = tuple(Unknown(_place(source, span), why) for span, why in sorted(unread.items()))
    return PolicySet(source.path, tuple(policies), unknown, known, references)


def _if_there(member: ConditionalPolicy, known: Facts) -> ConditionalPolicy:
    """A policy of a resource that is there with a condition only."""
    parts = (member.policy.name or "").split(".")
    condition = known.there.get(".".join(parts[: 3 if parts[0] == "data" else 2]))
    if condition is None:
        return member
    return member._replace(cases=tuple({**case, **condition} for case in member.cases or ({},)))


def _with_name(member: ConditionalPolicy, names: Mapping[str, str]) -> ConditionalPolicy:
    """A policy by the name of its document, which may be another one of the file then."""
    document, slash, rest = (member.policy.name or "").partition("/")
    if document not in names:
        return member
    name = f"{names[document]}{slash}{rest}"
    return member._replace(policy=member.policy.with_root(member.policy.root, name=name))


def _place(source: Source, span: Span) -> str:
    line, column = source.position(span.start)
    return f"{source.path}:{line}:{column}"


def _place_of(source: Source, item: Policy | Embedded | NormalizedPolicy, span: Span) -> str:
    """The place in the file of a span of a policy."""
    return _place(source, span if isinstance(item, Policy) else item.to_file(span))


def _unknown_parts(policy: Policy) -> Iterator[tuple[Node, str]]:
    """The parts of which nothing is known, or not which of several values AWS takes."""
    root = policy.root
    if isinstance(root.value, Object) and root.value.find("Statement") is None:
        yield root, "a policy without a Statement"
    for member in root.fields():
        if member.key not in _KEYS and member.key.capitalize() in _KEYS:
            yield member.value, f'"{member.key}" may be "{member.key.capitalize()}"'
    for statement in policy.statements:
        if not isinstance(statement.node.value, Object):
            yield statement.node, "an unresolved statement"
    waiting = [root]
    while waiting:
        node = waiting.pop()
        seen: set[str] = set()
        for member in node.fields():
            if member.key in seen:
                yield member.value, f'"{member.key}" occurs more than once'
            seen.add(member.key)
        waiting += (child for _, child in node.children())
