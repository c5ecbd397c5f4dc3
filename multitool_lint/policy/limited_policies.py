"""A policy of an identity with what limits it: denials of other policies, and the boundary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.policy.document import Policy
from multitool_lint.policy.identities import AppliedPolicy, CombinedPolicy, combine
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source


def limited(
    applied: AppliedPolicy,
    policies: Sequence[AppliedPolicy],
    boundary: AppliedPolicy | None,
    catalog: Catalog,
) -> Iterator[tuple[CombinedPolicy, Sequence[AppliedPolicy]]]:
    """A policy with the denials of those that apply with it, and then also within the boundary.

    Each comes with what limits it further than the last one. What is not known limits nothing.
    """
    own = applied.document(catalog)
    if own is None:
        return
    denying = [
        (other, text)
        for other in policies
        if other is not applied and (text := other.document(catalog)) and _denies(text)
    ]
    if denying:
        yield _with([(applied, own), *denying], catalog), [other for other, _ in denying]
    limit = boundary.document(catalog) if boundary else None
    if boundary and limit:
        texts = [text for text in (_outside(limit, catalog), limit) if text and _denies(text)]
        if texts:
            found = [(applied, own), *denying, *((boundary, text) for text in texts)]
            yield _with(found, catalog), [boundary]


def _with(found: Sequence[tuple[AppliedPolicy, Policy]], catalog: Catalog) -> CombinedPolicy:
    return combine(found, catalog, denials=frozenset(range(1, len(found))))


def _denies(policy: Policy) -> bool:
    return any(statement.effect == "Deny" for statement in policy.statements)


@lru_cache(maxsize=64)
def _outside(boundary: Policy, catalog: Catalog) -> Policy | None:
    """The denial of the actions that a boundary does not allow, on whatever and whenever.

    None if it is not known, or if that is more than one statement can say.
    """
    allowing = [s for s in in_force(boundary, catalog).statements if s.allows]
    if any(len(s.action_names) < s.action_count or not s.action_count for s in allowing):
        return None
    excepting = [s for s in allowing if s.negates_actions]
    if excepting and len(allowing) > 1:
        return None
    names = [name for statement in allowing for name in statement.action_names]
    key = "Action" if excepting or not names else "NotAction"
    statement = {"Effect": "Deny", key: names or "*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return Policy(Source("", text), fast.read(text, literal=True), PolicyType.IDENTITY)
