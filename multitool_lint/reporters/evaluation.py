"""A decision about a request in words."""

from __future__ import annotations

from collections.abc import Iterable

from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.evaluation.asked_request import Missing, MissingPart
from multitool_lint.policy.evaluation.decision import Decision, Ground, RequestDecision
from multitool_lint.policy.evaluation.statements import PolicyKind
from multitool_lint.syntax.placeholders import without_braces

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

_WHY = {
    Ground.STATEMENTS: "The request is allowed by {}",
    Ground.ROOT: "The root user of the account has full access",
    Ground.NEEDS_NO_PERMISSION: "The action needs no permission, and a Deny has no effect on it",
    Ground.EXPLICIT_DENY: "A Deny statement of {} applies to the request",
    Ground.FIXED: "AWS manages the resource, and nobody can change it by this action",
    Ground.NO_SCP: "The service control policies of a level do not allow the request",
    Ground.NO_ENDPOINT: "The VPC endpoint policy does not allow the request",
    Ground.NO_BOUNDARY: "The permissions boundary does not allow the request",
    Ground.NO_SESSION: "The session policy does not allow the request",
    Ground.NO_IDENTITY: "No identity-based policy of the principal allows the request",
    Ground.NO_RESOURCE: "No statement of a resource-based policy allows the principal the request",
    Ground.NOTHING: "No statement allows the request",
    Ground.UNKNOWN: "The decision depends on {}",
}

_MISSING = {
    MissingPart.KEY: "{}",
    MissingPart.VALUE: "the value of {}",
    MissingPart.RESOURCE: "the resource",
    MissingPart.PRINCIPAL: "whether a statement names the principal",
    MissingPart.ACCOUNT: "the account of the resource",
    MissingPart.RESOURCE_POLICY: "the policy of the resource: its key policy or trust policy",
    MissingPart.STATEMENT: "a statement that could not be read: {}",
    MissingPart.UNREAD: "what could not be read: {}",
    MissingPart.CASE: "a condition of the template",
    MissingPart.LINKED: "whether the role is a service-linked role",
    MissingPart.CONDITION: "the condition {}",
    MissingPart.OWNER: "whether the policy at {} is that of the resource",
    MissingPart.RCP: "whether resource control policies restrict {}",
}


def missing_in_words(missing: Iterable[Missing]) -> tuple[str, ...]:
    """What is not known, each in words: a condition key by its name alone."""
    named = (_MISSING[part.part].format(without_braces(part.name)) for part in missing)
    return tuple(dict.fromkeys(named))


def why(decided: RequestDecision) -> str:
    """Why AWS decides so, in a sentence."""
    missing = missing_in_words(decided.missing)
    more = len(missing) - MAX_LISTED_NAMES
    parts = ", ".join(missing[:MAX_LISTED_NAMES]) + (f" and {more} more" if more > 0 else "")
    kinds = dict.fromkeys(f"the {KINDS[found.kind]}" for found in decided.statements)
    is_unknown = decided.decision is Decision.UNKNOWN
    listed = parts if is_unknown else " and ".join(kinds) or "policies of other kinds"
    sentence = _WHY[decided.ground].format(listed)
    also = f"; whether a Deny applies, too, depends on {parts}" if parts and not is_unknown else ""
    return f"{sentence}{also}."
