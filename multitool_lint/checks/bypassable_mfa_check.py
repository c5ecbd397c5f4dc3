"""Conditions on MFA that requests without MFA match."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn_overlap, patterns
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import all_are_known, principal_values
from multitool_lint.syntax.tree import UNKNOWN

_KEY = "aws:multifactorauthpresent"
_KEYS = frozenset({"aws:multifactorauthage", _KEY})
_REMOVAL = "iam:deactivatemfadevice"
_USER = "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"


class _Bypass(NamedTuple):
    """The parts of a finding about such a condition."""

    title: str
    note: str
    help: str


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such condition, and for each exception that makes it one.

    `BoolIfExists` with false in a Deny is what AWS recommends:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
    """
    for statement, condition in policy.conditions:
        operator = condition.comparison
        if condition.lower_key != _KEY or operator.qualifier:
            continue
        asked = _asked(statement, condition)
        bypass = _BYPASSES.get(asked)
        if bypass and not _is_completed(policy, statement, _OTHER_HALF.get(asked)):
            yield context.finding(
                condition.key, bypass.title, notes=(bypass.note,), help=bypass.help
            )
    yield from _exceptions(policy, context)


def _exceptions(policy: Policy, context: Context) -> Iterator[Finding]:
    """The exceptions for removing the device, which the policy then allows without MFA.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html
    """
    allowing = next(filter(_allows_removal, policy.statements), None)
    if allowing is None or any(map(_may_deny_removal, policy.statements)):
        return
    for statement in policy.statements:
        is_about_mfa = any(condition.lower_key in _KEYS for condition in statement.conditions)
        for at in _removing(statement) if statement.negates_actions and is_about_mfa else ():
            place = next(map(allowing.action_node, _removing(allowing)), allowing.action)
            yield context.finding(
                statement.action_node(at),
                "This Deny lets requests without MFA remove the MFA device of the user",
                label="not denied",
                notes=(_REPLACED,),
                help="deny iam:DeactivateMFADevice without MFA, too",
                related=(related(place, "removes the device"),) if place else (),
            )


def _removing(statement: Statement) -> list[int]:
    """The numbers of the actions, or of those of a NotAction, that include removing the device."""
    names = enumerate(statement.lower_action_names)
    return [at for at, name in names if patterns.matches(name, _REMOVAL)]


def _allows_removal(statement: Statement) -> bool:
    return (
        statement.allows
        and bool(_removing(statement)) is not statement.negates_actions
        and not (statement.condition or statement.negates_resources)
        and any(arn_overlap.may_name(_USER, name) for name in statement.resource_names)
    )


def _may_deny_removal(statement: Statement) -> bool:
    """Whether a statement may deny it: what an unknown action is may be that."""
    is_known = len(statement.action_names) == statement.action_count
    is_denied = bool(_removing(statement)) is not statement.negates_actions
    return not statement.allows and (is_denied or not is_known)


def _asked(statement: Statement, condition: Condition) -> tuple[object, ...]:
    operator = condition.comparison
    values = {str(node.value).lower() for node in condition.values if node.value is not UNKNOWN}
    return (statement.effect or "", operator.name, operator.if_exists, *sorted(values))


def _is_completed(
    policy: Policy, statement: Statement, other_half: tuple[object, ...] | None
) -> bool:
    """Whether another Deny applies to the requests that a Deny lets through."""
    return other_half is not None and any(
        _covers(other, statement)
        and len(other.conditions) == 1
        and other.conditions[0].lower_key == _KEY
        and _asked(other, other.conditions[0]) == other_half
        for other in policy.statements
    )


def _covers(other: Statement, statement: Statement) -> bool:
    if statement.principal and not all_are_known(statement):
        return False
    if _principals(other) != _principals(statement):
        return False
    if other.negates_actions or other.negates_resources:
        return _scope(other) == _scope(statement)
    return (
        not (statement.negates_actions or statement.negates_resources)
        and patterns.all_covered(statement.lower_action_names, other.lower_action_names)
        and patterns.all_covered(statement.resource_names, other.resource_names)
    )


def _principals(statement: Statement) -> tuple[object, ...]:
    principal = statement.principal
    return (
        principal and (principal.key, principal.value.string),
        frozenset((value.kind, value.text) for value in principal_values(statement)),
    )


def _scope(statement: Statement) -> tuple[object, ...]:
    return (
        statement.negates_actions,
        frozenset(statement.lower_action_names),
        statement.negates_resources,
        frozenset(statement.resource_names),
    )


_DENIES_FALSE = ("Deny", "Bool", False, "false")
_DENIES_ABSENT = ("Deny", "Null", False, "true")
_OTHER_HALF: dict[tuple[object, ...], tuple[object, ...]] = {
    _DENIES_FALSE: _DENIES_ABSENT,
    _DENIES_ABSENT: _DENIES_FALSE,
}
"""Denials that together apply to all requests without MFA."""

_REPLACED = (
    "with an access key of the user, the device can be replaced by another one, which meets "
    "conditions on MFA"
)
_NO_KEY = "requests signed with long-term access keys do not contain aws:MultiFactorAuthPresent"
_ALWAYS_KEY = (
    "requests with temporary credentials always contain aws:MultiFactorAuthPresent, with or "
    "without MFA"
)
_BYPASSES: dict[tuple[object, ...], _Bypass] = {
    _DENIES_FALSE: _Bypass(
        "This Deny does not apply to requests signed with long-term access keys",
        f"{_NO_KEY}, so Bool does not match them",
        "use BoolIfExists, which also matches requests without the key",
    ),
    ("Allow", "Bool", False, "false"): _Bypass(
        "This Allow applies only to requests without MFA",
        "aws:MultiFactorAuthPresent is true if the caller was authenticated with MFA",
        'to require MFA, use the value "true"',
    ),
    ("Allow", "Bool", True, "true"): _Bypass(
        "This Allow also applies to requests without MFA, signed with long-term access keys",
        f"{_NO_KEY}, so BoolIfExists matches them",
        "use Bool, which does not match requests without the key",
    ),
    ("Allow", "Null", False, "false"): _Bypass(
        "This condition does not require MFA", _ALWAYS_KEY, 'use Bool with "true"'
    ),
    _DENIES_ABSENT: _Bypass(
        "This Deny does not apply to temporary credentials that were issued without MFA",
        _ALWAYS_KEY,
        'use BoolIfExists with "false", which also matches requests without the key',
    ),
}
