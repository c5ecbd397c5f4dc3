"""What of many patterns may have to do with another one, found without a look at all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Generic, TypeVar

from multitool_lint.aws.arn import is_account_id
from multitool_lint.aws.patterns import has_wildcard, literal_prefix
from multitool_lint.aws.policy_variables import OPENER, variables
from multitool_lint.aws.principals import role_of, role_of_session
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.scope import RequestScope, Resources, is_arn
from multitool_lint.policy.compare.statement import StatementSemantics

if TYPE_CHECKING:
    from multitool_lint.policy.compare.request import Request

Unit = tuple[RequestScope, StatementSemantics]
"""A scope, and the statement that has it."""
Beginnings = Mapping[str, Collection[str]]
"""What a resource, a principal and values of keys may begin with, where that is known."""
_Value = TypeVar("_Value")
RESOURCE, PRINCIPAL = "\0resource", "\0principal"
"""The parts of a request that are not keys, in the place of their names."""
_TEXT = "\0resource that is not an ARN"
"""What such a resource matches is not known, but another one matches something else."""
_OF_ONE_TEXT = frozenset({"StringEquals", "StringLike", "ArnLike"})
"""Operators by which the value of a key is a text that begins as one of the values."""


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


class ScopeIndex:
    """Units by what their resources, principals and the values of keys begin with."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(units)
        self.scopes = frozenset(scope for scope, _ in self.units)
        self._by_part: dict[str, PrefixIndex[int]] = {}

    @cached_property
    def _beginnings(self) -> list[Beginnings]:
        return [beginnings_of(scope) for scope, _ in self.units]

    @cached_property
    def _parts(self) -> Counter[str]:
        """The parts that distinguish some units, by how many ways there are."""
        items = chain.from_iterable(beginnings.items() for beginnings in self._beginnings)
        return Counter(part for part, _ in {(part, text) for part, some in items for text in some})

    def near(self, beginnings: Beginnings) -> list[Unit]:
        """The units that may have something in common with what begins so."""
        chosen = max(beginnings, key=self._parts.__getitem__, default="")
        if not self._parts[chosen]:
            return list(self.units)
        sharing = map(self._index(chosen).sharing_beginning, beginnings[chosen])
        found = sorted(set(chain.from_iterable(sharing)))
        return [self.units[at] for at in found if self._may_share(at, beginnings, chosen)]

    def _may_share(self, at: int, beginnings: Beginnings, known: str) -> bool:
        """Whether a unit may have what begins so, which is known of one part."""
        of_unit = self._beginnings[at]
        return all(
            any(
                one.startswith(other) or other.startswith(one)
                for one in beginnings[part]
                for other in of_unit[part]
            )
            for part in of_unit.keys() & beginnings.keys()
            if part != known
        )

    def _index(self, part: str) -> PrefixIndex[int]:
        if part not in self._by_part:
            self._by_part[part] = PrefixIndex(
                (prefix, at)
                for at, beginnings in enumerate(self._beginnings)
                for prefix in beginnings.get(part, ("",))
            )
        return self._by_part[part]


@lru_cache(maxsize=4096)
def beginnings_of(scope: RequestScope) -> Beginnings:
    """What each part of the requests of a scope begins with, whatever AWS and others fill in."""
    found = _of_resources(scope.resources)
    found |= {PRINCIPAL: {_path(scope.principal)}}
    found |= {
        clause.key: {
            _literal(value) if clause.operator != "ArnLike" or is_arn(value) else ""
            for value in clause.values
        }
        for clause in scope.conditions
        if clause.operator in _OF_ONE_TEXT and not (clause.qualifier or clause.if_exists)
    }
    return {part: prefixes for part, prefixes in found.items() if prefixes and "" not in prefixes}


def beginnings_of_request(request: Request) -> Beginnings:
    """What the parts of a request begin with."""
    resource = () if request.resource is None else (request.resource,)
    found = {RESOURCE: resource, PRINCIPAL: (_path(request.principal),)}
    found |= {} if any(map(is_arn, resource)) else {_TEXT: resource}
    found |= {key: values for key, values in request.context.items() if values and len(values) == 1}
    return {part: texts for part, texts in found.items() if any(texts)}


def _of_resources(resources: Resources) -> dict[str, set[str]]:
    """What resources begin with, and what follows if they begin with the same variable."""
    if resources.negated or len(resources.patterns) != 1:
        return {}
    [pattern] = resources.patterns
    if not is_arn(pattern):
        return {_TEXT: {_literal(pattern)}}
    found = {RESOURCE: {_literal(pattern)}}
    variable = variables(pattern)[0] if OPENER in pattern else None
    if variable and variable.names_key and not has_wildcard(pattern[: variable.start]):
        found[f"{RESOURCE} {pattern[: variable.end]}"] = {_literal(pattern[variable.end :])}
    return found


def _literal(pattern: str) -> str:
    prefix = literal_prefix(pattern).partition(OPENER)[0]
    return "" if UNKNOWN_MARK in prefix else prefix


def _path(principal: tuple[str, str] | None) -> str:
    """A path from the kind of a principal by its account to itself, as far as that is known."""
    kind, text = principal or ("", "")
    if has_wildcard(text) or OPENER in text or UNKNOWN_MARK in text:
        return ""
    if kind in ("Service", "Federated"):
        return f"{kind}\n{text}\n"
    if kind != "AWS" or not (is_account_id(text) or is_arn(text)):
        return ""
    if is_account_id(text):
        return f"AWS\n{text}\n"
    role = role_of(text) or role_of_session(text)
    return f"AWS\n{text.split(':')[4]}\n{role or text}\n"
