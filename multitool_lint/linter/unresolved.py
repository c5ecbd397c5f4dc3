"""Unresolved values of linted policies, about which there are no findings.

Only what decides which actions a statement allows or denies is listed. Resources, principals and
the values of conditions of templates are made when they are deployed, as the ARN of a bucket is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, as_list

_ELEMENTS = frozenset({"Effect", "Action", "NotAction"})


class Unresolved(NamedTuple):
    """The place of a value in the file, and the element that it is a value of."""

    span: Span
    element: str


def unresolved(policy: Policy, to_file: Callable[[Span], Span]) -> Iterator[Unresolved]:
    """The unresolved values of a policy; `to_file` translates a span of it to one in the file."""
    for statement in policy.statements:
        if statement.effect is not None and len(statement.action_names) == statement.action_count:
            continue
        for member in statement.members:
            if member.key in _ELEMENTS:
                for node in as_list(member.value):
                    if node.value is UNKNOWN:
                        yield Unresolved(to_file(node.span), member.key)
