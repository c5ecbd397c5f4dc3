"""The statements that are compared together, each as a row."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from multitool_lint.policy.compare.callers import Principal
    from multitool_lint.policy.compare.conditions import CanonicalCondition
    from multitool_lint.policy.compare.scope import RequestScope, Resources


class Row(NamedTuple):
    """A statement for some actions: all combinations of its resources and principals."""

    resources: frozenset[Resources]
    principals: frozenset[Principal]
    conditions: frozenset[CanonicalCondition]

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, scopes: tuple[RequestScope, ...]) -> Row:
        """The row of the scopes of one statement, which is compared with many others."""
        resources, principals, conditions = zip(*scopes, strict=True)
        return cls(frozenset(resources), frozenset(principals), conditions[0])
