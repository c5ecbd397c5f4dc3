"""Actions that a statement allows and another one denies completely."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, counted, related
from multitool_lint.policy.covered_actions import comparable, covered_actions
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Allow statement of which some actions, but not all, are denied."""
    allows, denies = comparable(policy, "Allow"), comparable(policy, "Deny")
    for statement, actions in covered_actions(policy, allows, denies, context.catalog).items():
        denied = {action.at: action.by for action in reversed(actions)}
        if len(denied) == statement.action_count:
            continue  # cancelled-statement
        first, *others = [statement.action_node(at) for at in sorted(denied)]
        subject = f'"{first.value}" has'
        if others:
            subject = f"{counted(len(denied), 'action')} of this statement have"
        them = "them" if others else "it"
        yield context.finding(
            first,
            f"{subject} no effect: the policy also denies {them}",
            label="has no effect",
            related=(
                *(related(node, "has no effect") for node in others),
                *(
                    related(deny.sid or deny.node, f"denies {them}")
                    for deny in dict.fromkeys(denied.values())
                ),
            ),
            help=f"remove {them} here, or limit what the Deny statement denies",
            issue_code="",  # Access Analyzer has no check for it
        )
