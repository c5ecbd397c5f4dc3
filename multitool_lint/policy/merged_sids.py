"""What a policy has by itself where it is merged with others by the Sids of their statements.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from multitool_lint.policy.document import Policy, Statement


def lasting_statements(policy: Policy) -> tuple[Statement, ...]:
    """The statements that neither replace those of other documents, nor are replaced by them."""
    if not policy.merged_by_sid:
        return policy.statements
    return tuple(statement for statement in policy.statements if statement.sid is None)


def sids(policy: Policy) -> list[object]:
    """The Sids in order, without the statements that have none."""
    return [statement.sid.value for statement in policy.statements if statement.sid]
