"""What of a policy is checked: all of it, unless it is far beyond what AWS accepts anywhere.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

A key policy, the largest of all, has 32 KB. Within that there is room for some 500 statements and
5,000 values, so that only what is not a policy meets these limits, and takes seconds for all that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.limits import (
    MAX_OPEN_PATTERNS,
    MAX_OUTLINED_MEMBERS,
    MAX_PARLIAMENT_MICROSECONDS,
    MAX_POLICY_VALUES,
    MAX_SOURCE_VALUES,
    MAX_STATEMENTS,
)
from multitool_lint.linter.settings import Opinion
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Array, LazyStringArray, Member, Node, Object

_VALUES_OF_A_POLICY = 10  # what a policy takes apart from its values, measured in these
_SMALLEST = 2 * MAX_POLICY_VALUES
"""A value takes two characters at least, with the comma: a shorter text cannot have too many."""


class Truncated(NamedTuple):
    """The part of a policy that is checked, and the first value left out, with the reason."""

    policy: Policy
    left_out: Node | None = None
    reason: str = ""


class Budget:
    """The limits of a source, and how much of them its policies have used up so far.

    `opinion` says about what parliament may be asked within them.
    """

    def __init__(self, opinion: Opinion = Opinion.USUAL) -> None:
        self.opinion = opinion
        self._patterns: set[str] = set()
        self._values = 0
        self._microseconds = MAX_PARLIAMENT_MICROSECONDS

    @property
    def exhausted(self) -> bool:
        """Whether no further policy of the source is checked."""
        return self._values >= MAX_SOURCE_VALUES

    def spend(self, microseconds: int) -> bool:
        """Whether so much time is left for a second opinion, which is used up then."""
        if microseconds > self._microseconds:
            return False
        self._microseconds -= microseconds
        return True

    def truncated(self, policy: Policy) -> Truncated:
        """The policy up to the limits."""
        text = policy.source.text
        if _has_few_patterns(text):
            if _has_few_values(text):
                return Truncated(policy)
            values = _values(policy)
            if values <= MAX_POLICY_VALUES:
                self._values += values + _VALUES_OF_A_POLICY
                return Truncated(policy)
        cut = _TruncatedCopy(self._patterns)
        root = cut.value(policy.root)
        self._values += cut.values + _VALUES_OF_A_POLICY
        if cut.left_out is None:
            return Truncated(policy)
        shorter = policy.with_root(root)
        return Truncated(shorter, cut.left_out, cut.reason)


def _has_few_values(text: str) -> bool:
    """Whether no policy in a text can reach a limit of values, by what is soon counted."""
    # Before each value is a comma or a bracket, or a key with one before it.
    return len(text) < _SMALLEST or sum(map(text.count, ",[{")) < MAX_STATEMENTS


def _has_few_patterns(text: str) -> bool:
    """Whether there cannot be too many patterns of any service in a text."""
    escapes = text.count("\\u") if "\\" in text else 0  # each may be a wildcard
    wildcards = text.count("*") + (text.count("?") if "?" in text else 0)
    if wildcards + escapes <= MAX_OPEN_PATTERNS:
        return True
    before_colons = len(re.findall(r'"[^":*?]*+[*?]', text))
    return before_colons + escapes <= MAX_OPEN_PATTERNS


def _values(policy: Policy) -> int:
    """How many values a policy has; beyond the limit, where it has too many statements."""
    count = 1
    waiting = [policy.root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, LazyStringArray):
            count += len(node.texts)
            continue
        value = node.value
        children: Sequence[Node] = ()
        if isinstance(value, Object):
            children = [member.value for member in value]
        elif isinstance(value, Array):
            children = value
        count += len(children)
        waiting += [
            child
            for child in children
            if isinstance(child, LazyStringArray) or isinstance(child.value, tuple)
        ]
    if isinstance(policy.root.value, Object):
        for member in policy.root.value:
            statements = member.value.value if member.key == "Statement" else None
            if isinstance(statements, Array) and len(statements) > MAX_STATEMENTS:
                return MAX_POLICY_VALUES + 1
    return count


class _TruncatedCopy:
    """Copies a policy, value by value, until a limit is reached.

    What follows in the objects around it is kept in outline, a member of each key with
    the first value: a statement without its Resource would be another mistake.
    """

    def __init__(self, patterns: set[str]) -> None:
        self.left_out: Node | None = None
        self.reason = ""
        self.values = 0
        self._patterns = patterns

    def value(self, node: Node, depth: int = 0, key: str = "") -> Node:
        """The value up to the limits."""
        self.values += 1
        if isinstance(node.value, Array):
            is_statements = key == "Statement" and depth == 1
            most = MAX_STATEMENTS if is_statements else MAX_POLICY_VALUES
            what = f"{most:,} {'statements' if is_statements else 'values'}"
            items: list[Node] = []
            for item in node.value:
                self._look_at(item, key)
                if len(items) == most:
                    self._end(item, what)
                if self.left_out and items:
                    break
                items.append(self.value(item, depth + 1, key))
            return Node(node.span, node.value.of(items), node.pointer)
        if isinstance(node.value, Object):
            members: list[Member] = []
            for member in node.value:
                self._look_at(member.value, member.key)
                if self.left_out and len(members) >= MAX_OUTLINED_MEMBERS:
                    break
                inner = self.value(member.value, depth + 1, member.key)
                members.append(Member(member.key, member.key_span, inner))
            return Node(node.span, Object(members), node.pointer)
        return node

    def _look_at(self, node: Node, key: str) -> None:
        """Say whether a limit is reached with a value."""
        if self.values >= MAX_POLICY_VALUES:
            self._end(node, f"{MAX_POLICY_VALUES:,} values")
        text = node.value if key in ("Action", "NotAction") else None
        if isinstance(text, str) and has_wildcard(text.partition(":")[0]):
            if len(self._patterns) >= MAX_OPEN_PATTERNS and text not in self._patterns:
                self._end(node, f"{MAX_OPEN_PATTERNS:,} action patterns of any service")
            self._patterns.add(text)

    def _end(self, node: Node, reason: str) -> None:
        if self.left_out is None:
            self.left_out, self.reason = node, reason
