"""Conditions on MFA that requests without MFA match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import UNKNOWN

_KEY = "aws:multifactorauthpresent"


class _Bypass(NamedTuple):
    """The parts of a finding about such a condition."""

    title: str
    note: str
    help: str


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such condition.

    `BoolIfExists` with false in a Deny is what AWS recommends:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
    """
    for statement, condition in policy.conditions:
        operator = condition.comparison
        if condition.lower_key != _KEY or operator.qualifier:
            continue
        values = {str(node.value).lower() for node in condition.values if node.value is not UNKNOWN}
        bypass = _BYPASSES.get(
            (statement.effect or "", operator.name, operator.if_exists, *sorted(values))
        )
        if bypass:
            yield context.finding(
                condition.key, bypass.title, notes=(bypass.note,), help=bypass.help
            )


_NO_KEY = "requests signed with long-term access keys do not contain aws:MultiFactorAuthPresent"
_BYPASSES: dict[tuple[object, ...], _Bypass] = {
    ("Deny", "Bool", False, "false"): _Bypass(
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
        "This condition does not require MFA",
        "requests with temporary credentials always contain aws:MultiFactorAuthPresent, with or "
        "without MFA",
        'use Bool with "true"',
    ),
}
