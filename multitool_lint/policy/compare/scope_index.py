"""What of many patterns may have to do with another one, found without a look at all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from multitool_lint.aws.patterns import literal_prefix
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.policy.compare.request import is_arn
from multitool_lint.policy.compare.scope import RequestScope, Resources
from multitool_lint.policy.compare.statement import StatementSemantics

Unit = tuple[RequestScope, StatementSemantics]
"""A scope, and the statement that has it."""
_Value = TypeVar("_Value")


class PrefixIndex(Generic[_Value]):
    """Values by what all that they match begins with.

    A pattern covers another one, or matches a text, only if that begins as the pattern does.
    """

    def __init__(self, values: Iterable[tuple[str, _Value]]) -> None:
        self._by_prefix: dict[str, list[_Value]] = defaultdict(list)
        for prefix, value in values:
            self._by_prefix[prefix].append(value)
        self._prefixes = sorted(self._by_prefix)
        self._lengths = sorted(set(map(len, self._prefixes)))

    def beginning_like(self, text: str) -> Iterator[_Value]:
        """The values that a text begins like; the text may be a pattern itself."""
        for length in self._lengths:
            if length > len(text):
                return
            yield from self._by_prefix.get(text[:length], ())

    def sharing_beginning(self, prefix: str) -> Iterator[_Value]:
        """The values of prefixes of which one is the beginning of the other."""
        yield from self.beginning_like(prefix)
        for at in range(bisect_right(self._prefixes, prefix), len(self._prefixes)):
            if not self._prefixes[at].startswith(prefix):
                return
            yield from self._by_prefix[self._prefixes[at]]


class UnitIndex:
    """Units by what all of their resources begin with."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(units)
        self.scopes = frozenset(scope for scope, _ in self.units)
        self._by_prefix = PrefixIndex((_prefix(scope.resources), scope) for scope in self.scopes)
        self._by_certain_prefix = PrefixIndex(
            (_certain_prefix(scope.resources), (scope, statement))
            for scope, statement in self.units
        )

    def may_cover(self, scope: RequestScope) -> Iterable[RequestScope]:
        """The scopes that may cover another one."""
        negated, patterns = scope.resources.negated, scope.resources.patterns
        if negated or len(patterns) != 1:
            return self.scopes
        return self._by_prefix.beginning_like(patterns[0])

    def may_overlap(self, scope: RequestScope) -> Iterable[Unit]:
        """The units that may have a resource in common with a scope."""
        return self._by_certain_prefix.sharing_beginning(_certain_prefix(scope.resources))

    def may_have(self, resource: str | None) -> Iterable[Unit]:
        """The units that may have a resource."""
        if resource is None:
            return self.units
        return self._by_certain_prefix.beginning_like(resource)


def _prefix(resources: Resources) -> str:
    """What each of the resources begins with; nothing where that is not the same for all."""
    if resources.negated or len(resources.patterns) != 1:
        return ""
    return literal_prefix(resources.patterns[0])


def _certain_prefix(resources: Resources) -> str:
    """What each of the resources begins with, whatever AWS and others fill in."""
    prefix = _prefix(resources)
    return prefix.partition(OPENER)[0] if prefix and is_arn(resources.patterns[0]) else ""
