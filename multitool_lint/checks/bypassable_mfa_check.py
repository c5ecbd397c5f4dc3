"""Conditions on MFA that requests without MFA fulfil."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import UNKNOWN

_KEY = "aws:multifactorauthpresent"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such condition.

    `BoolIfExists` with false in a Deny is what AWS recommends:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
    """
    for statement, condition in policy.conditions:
        operator = condition.comparison
        if condition.lower_key != _KEY or operator.qualifier:
            continue
        values = {str(node.value).lower() for node in condition.values if node.value is not UNKNOWN}
        reason = _BYPASSES.get(
            (statement.effect or "", operator.name, operator.if_exists, *sorted(values))
        )
        if reason:
            yield context.finding(condition.key, reason)


_BYPASSES: dict[tuple[object, ...], str] = {
    ("Deny", "Bool", False, "false"): (
        "requests signed with long-term access keys do not have aws:MultiFactorAuthPresent, so "
        "this does not deny them; BoolIfExists does"
    ),
    ("Allow", "Bool", False, "false"): (
        "this allows only what is requested without MFA; to demand MFA, the value is true"
    ),
    ("Allow", "Bool", True, "true"): (
        "requests signed with long-term access keys do not have aws:MultiFactorAuthPresent, so "
        "this allows them without MFA; Bool does not"
    ),
    ("Allow", "Null", False, "false"): (
        "temporary credentials always have aws:MultiFactorAuthPresent, with or without MFA, so "
        "this does not demand it; Bool with true does"
    ),
}
