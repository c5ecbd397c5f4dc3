"""What a statement is about, in parts: a resource, a principal and the conditions on both.

A statement allows or denies an action for a request if one of its units fits the request.
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.arn import API_GATEWAY, FIELDS, completed, matches_all
from multitool_lint.aws.patterns import all_covered, intersects
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.aws.principals import account_of_root, role_of, role_of_session
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.conditions import (
    UNKNOWN_MARK,
    CanonicalCondition,
    follows,
    may_hold,
)


class Resources(NamedTuple):
    """The resources that a pattern matches or, `negated`, those that none of several matches.

    `patterns` is empty where a policy has no resources, as a trust policy.
    """

    patterns: tuple[str, ...]
    negated: bool = False


class RequestScope(NamedTuple):
    """One resource pattern (or all that is left by several) and one principal under conditions.

    `principal` is None in a policy without principals, else its kind and its text.
    """

    resources: Resources
    principal: tuple[str, str] | None
    conditions: frozenset[CanonicalCondition]

    def covers(self, other: RequestScope) -> bool:
        """Whether it certainly fits every request that the other one fits."""
        return (
            _principal_covers(self.principal, other.principal)
            and follows(other.conditions, self.conditions)
            and resources_cover(self.resources, other.resources)
        )

    @property
    def is_satisfiable(self) -> bool:
        """Whether there certainly are requests that it fits."""
        return may_hold(self.conditions)


class Row(NamedTuple):
    """A statement for some actions: all combinations of its resources and principals."""

    resources: frozenset[Resources]
    principals: frozenset[tuple[str, str] | None]
    conditions: frozenset[CanonicalCondition]

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, scopes: tuple[RequestScope, ...]) -> Row:
        """The row of the scopes of one statement, which is compared with many others."""
        resources, principals, conditions = zip(*scopes, strict=True)
        return cls(frozenset(resources), frozenset(principals), conditions[0])


def resources_cover(wide: Resources, narrow: Resources) -> bool:
    """Whether the first certainly has all resources that the other has."""
    if wide == narrow or not wide.patterns or not narrow.patterns:
        return wide == narrow
    if not wide.negated and not narrow.negated:
        if len(wide.patterns) == len(narrow.patterns) == 1:  # as most have, in less time
            return resource_covers(wide.patterns[0], narrow.patterns[0])
        return all_covered(narrow.patterns, wide.patterns, resource_covers)
    if not wide.negated:
        return any(map(matches_all, wide.patterns))
    if not narrow.negated:
        return not any(
            may_overlap(out, other) for out in wide.patterns for other in narrow.patterns
        )
    return all_covered(wide.patterns, narrow.patterns, resource_covers)


def may_overlap(one: str, other: str) -> bool:
    """Whether some resource may match both patterns; what is not known may."""
    if OPENER in one + other or UNKNOWN_MARK in one + other:
        return True
    others = whole_arns(other)
    return any(intersects(first, second) for first in whole_arns(one) for second in others)


def whole_arns(resource: str) -> tuple[str, ...]:
    """The patterns that a resource may be to AWS, which completes what is not a whole ARN."""
    if resource.startswith(API_GATEWAY):
        return (f"arn:aws*:execute-api:*:*:*/{resource.removeprefix(API_GATEWAY)}", resource)
    whole = completed(resource)
    return (resource,) if whole == resource else (whole, resource)


def is_plain(resources: Resources) -> bool:
    """Whether nothing in the resources is unknown, and AWS completes none of them."""
    return not any(
        OPENER in text or UNKNOWN_MARK in text or len(whole_arns(text)) > 1
        for text in resources.patterns
    )


def is_arn(text: str) -> bool:
    """Whether a text has the six fields of an ARN."""
    return text.startswith("arn:") and text.count(":") >= FIELDS - 1


def canonical_principal(kind: str, text: str) -> tuple[str, str]:
    """A principal in the form in which equal ones are equal.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if kind == "*":
        return "AWS", "*"
    return kind, account_of_root(text) if kind == "AWS" else text


def _principal_covers(wide: tuple[str, str] | None, narrow: tuple[str, str] | None) -> bool:
    if wide == narrow:
        return True
    if wide is None or narrow is None or wide[0] != "AWS" or narrow[0] != "AWS":
        return False
    if wide[1] == "*":
        return True
    role = role_of(wide[1])  # which means all its sessions, too
    return role is not None and role == role_of_session(narrow[1])
