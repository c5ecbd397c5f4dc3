"""Conditions on the tags of resources that the principal can set itself, and so do not protect.

A statement allows actions on resources with a tag, and another one allows setting this tag on the
same resources: then the first allows its actions on all of these. A condition does protect wherever
that is not proved: if the tag can be set on some of the resources only, or with other values, or if
a Deny may prevent it.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import (
    has_unknown_condition,
    restricting_conditions,
    restricts_target,
)
from multitool_lint.syntax.tree import Member, Node


class TagSetter(NamedTuple):
    """An action that sets the tag of a condition on a key, and the place that grants it."""

    key: str
    action: str
    node: Node | Member
    statement: Statement


class StatementTarget(NamedTuple):
    """What a statement is about: one of its actions, on some of the types that it acts on.

    Of the `types` one is enough; where none are given, the action needs all that it requires.
    """

    statement: Statement
    action: str
    types: frozenset[str] | None = None


def is_restricted(
    policy: Policy, target: StatementTarget, catalog: Catalog, apart_from: str = ""
) -> bool:
    """Whether a condition, on another key than that one, ties an action to certain targets.

    One on tags that the principal can set itself does not.
    """
    return restricts_target(target.statement, apart_from) and not tag_setters(
        policy, target, catalog, apart_from
    )


def tag_setters(
    policy: Policy, target: StatementTarget, catalog: Catalog, apart_from: str = ""
) -> tuple[TagSetter, ...]:
    """What sets the tags by which conditions tie an action to its targets.

    None unless all of these conditions are on such tags.
    """
    if policy.type is not PolicyType.IDENTITY:
        return ()
    conditions = restricted_by_tags(target.statement, apart_from)
    if not conditions:
        return ()
    from multitool_lint.policy.tag_setters import search

    return search(policy, catalog).setters(target, conditions)


@lru_cache(maxsize=32)
def restricted_by_tags(statement: Statement, apart_from: str = "") -> tuple[Condition, ...]:
    """The conditions that tie a statement to targets, none unless all are on tags of these."""
    conditions = tuple(restricting_conditions(statement, apart_from))
    if not conditions or has_unknown_condition(statement):
        return ()
    # Few policies have conditions on tags.
    from multitool_lint.aws.tagging import resource_tag

    return conditions if all(resource_tag(on.lower_key) for on in conditions) else ()
