"""What parliament suspects of condition keys: which of them an action really does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws import patterns
from multitool_lint.diagnostics.finding import LISTED_AT_MOST, enumerate_briefly, related
from multitool_lint.policy.action_scope import is_everywhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.condition_operators import Operator
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.engines.parliament.statement import Case, Named
    from multitool_lint.policy.document import Condition

_UNDOCUMENTED = (
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-access-permissions.html
    ("aws-marketplace:", "aws-marketplace:productid"),
    # Resource Groups Tagging passes the tags on to the service that owns the resource.
    ("tag:", "aws:requesttag/"),
    ("tag:", "aws:tagkeys"),
)
"""Beginnings of actions, and of keys that they take though the catalog does not have them."""


def unsupported_key(case: Case, condition: Condition) -> Iterator[Finding]:
    """Confirm UNKNOWN_CONDITION_FOR_ACTION.

    Drops what parliament has not in its list of global keys, looks up in one of several services of
    a prefix, or finds missing in one of the actions of a wildcard, where another takes it.
    """
    key = condition.key.key
    operator = condition.comparison
    if operator is None or operator.family == "Null" or is_everywhere(key):
        return  # Null asks whether the request has the key, which is a question about any
    if case.facts.key(key, case.prefixes) is None:
        return  # no action takes a key that there is not: our check says so
    takes = case.facts.takes
    places = [
        at
        for at, name in enumerate(case.lower_names)
        if not takes(name, key) and not _is_undocumented(name, key)
    ]
    takers = case.facts.takers(key) if places else []
    if takers == []:
        return
    holds = _holds_without_key(operator)
    judged = sum(reach.judged for reach in case.reaches)
    if len(places) < judged and holds and not operator.negated:
        return  # written for the actions that have the key, as AWS advises
    without = list(map(case.named, places))
    names = enumerate_briefly([each.text for each in without])
    verb, they = ("does", "it") if len(without) == 1 else ("do", "them")
    yield case.context("unsupported-condition-key").finding(
        condition.key,
        f"{names} {verb} not take the condition key {key}, so the "
        f"{_outcome(case, they, holds=holds)}"
        + (f"; it is a key of {', '.join(takers)}" if takers else "")
        + f"; put {they} in a statement without the key",
        related=tuple(
            related(each.node, f"{each.text} does not take it") for each in without[:LISTED_AT_MOST]
        ),
        issue_code=_code(key, without),
    )


def _is_undocumented(action: str, key: str) -> bool:
    lower, folded = action.lower(), key.lower()
    return any(lower.startswith(start) and folded.startswith(name) for start, name in _UNDOCUMENTED)


def _holds_without_key(operator: Operator) -> bool:
    """Whether a condition holds in a request that does not have its key."""
    if operator.qualifier == "ForAnyValue":
        return False
    return operator.if_exists or operator.qualifier == "ForAllValues" or operator.negated


def _outcome(case: Case, they: str, *, holds: bool) -> str:
    if holds:
        return f"comparison always holds for {they} and limits nothing"
    done = "allows" if case.statement.allows else "denies"
    return f"condition never holds for {they} and the statement never {done} {they}"


def _code(key: str, without: list[Named]) -> str | None:
    """Name the check of Access Analyzer, which judges neither global keys nor wildcards."""
    plain = any(not patterns.has_wildcard(each.text) for each in without)
    is_global = key.lower().startswith("aws:")
    return "UNSUPPORTED_ACTION_FOR_CONDITION_KEY" if plain and not is_global else None
