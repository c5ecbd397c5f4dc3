"""A decision about a request in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.evaluation.decision import Decision, RequestDecision
from multitool_lint.policy.evaluation.statements import PolicyKind
from multitool_lint.syntax.placeholders import without_braces

if TYPE_CHECKING:
    from multitool_lint.policy.evaluation.asked_request import Missing

KINDS = {
    PolicyKind.IDENTITY: "identity-based policy",
    PolicyKind.BOUNDARY: "permissions boundary",
    PolicyKind.SESSION: "session policy",
    PolicyKind.RESOURCE: "resource-based policy",
    PolicyKind.SCP: "service control policy",
    PolicyKind.RCP: "resource control policy",
    PolicyKind.ENDPOINT: "VPC endpoint policy",
}
"""The kinds of policies as AWS names them."""

ANSWERS = {Decision.ALLOWED: "yes", Decision.UNKNOWN: "depends"}
"""The answers to whether a request is allowed; "no" for other decisions."""


def missing_in_words(missing: Iterable[Missing]) -> tuple[str, ...]:
    """What is not known, each in words: a condition key by its name alone."""
    named = (part.part.value.format(without_braces(part.name)) for part in missing)
    return tuple(dict.fromkeys(named))


def why(decided: RequestDecision) -> str:
    """Why AWS decides so, in a sentence."""
    missing = missing_in_words(decided.missing)
    more = len(missing) - MAX_LISTED_NAMES
    parts = ", ".join(missing[:MAX_LISTED_NAMES]) + (f" and {more} more" if more > 0 else "")
    kinds = dict.fromkeys(f"the {KINDS[found.kind]}" for found in decided.statements)
    is_unknown = decided.decision is Decision.UNKNOWN
    listed = parts if is_unknown else " and ".join(kinds) or "policies of other kinds"
    sentence = decided.ground.value.format(listed)
    also = f"; whether a Deny applies, too, depends on {parts}" if parts and not is_unknown else ""
    return f"{sentence}{also}."
