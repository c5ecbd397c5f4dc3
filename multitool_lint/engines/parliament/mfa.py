"""What parliament suspects of conditions on MFA: which of it is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.tree import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.engines.parliament.statement import Case
    from multitool_lint.policy.document import Condition

MFA = "aws:multifactorauthpresent"


def bypassable_mfa(case: Case, condition: Condition) -> Iterator[Finding]:
    """Confirm BAD_PATTERN_FOR_MFA, where requests without the key pass, or only those without MFA.

    Drops `BoolIfExists` with false in a Deny, which is the way that AWS recommends.
    """
    operator = condition.comparison
    if operator is None or operator.qualifier or condition.lower_key != MFA:
        return
    values = {str(node.value).lower() for node in condition.values if node.value is not UNKNOWN}
    reason = _BYPASSES.get(
        (case.statement.effect or "", operator.name, operator.if_exists, *sorted(values))
    )
    if reason:
        yield case.context("bypassable-mfa-check").finding(condition.key, reason)


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
