"""Statements that let any role be passed to any service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.policy.escalation import PASS_ROLE, PASSED_TO, passes_any_role
from multitool_lint.policy.role_actions import RoleAction, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Context, Finding
    from multitool_lint.policy.document import Policy
_ACTION = RoleAction(
    PASS_ROLE,
    "PASS_ROLE",
    PASSED_TO,
    passes_any_role,
    "hands any of them to any service: name the roles under Resource, or the service in a "
    "condition on iam:PassedToService",
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants iam:PassRole for any role and service."""
    return report(policy, context, _ACTION)
