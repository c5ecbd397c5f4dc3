"""Roles that may be assumed in any account."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.patterns import matches
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.resources import restricts_target

_ACTION = "sts:assumerole"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Allow of sts:AssumeRole on roles of every account."""
    for statement in policy.statements:
        if not statement.allows or not _allows_assuming(statement) or _restricts_account(statement):
            continue
        first, *others = _roles_of_any_account(statement) or (None,)
        if first is not None:
            yield context.finding(
                statement.resource_node(first),
                f"{quoted(statement.resource_names[first])} is a role in any AWS account",
                label="any account",
                notes=("an account outside of your organization can have a role of this name",),
                help="specify the accounts, or add a condition on aws:ResourceOrgID",
                related=tuple(related(statement.resource_node(at), "also here") for at in others),
            )


def _allows_assuming(statement: Statement) -> bool:
    return not (statement.negates_actions or statement.negates_resources) and any(
        name == _ACTION or (name.startswith("sts:") and matches(name, _ACTION))
        for name in statement.lower_action_names
    )


def _restricts_account(statement: Statement) -> bool:
    return restricts_target(statement) or any(
        condition.lower_key.startswith("aws:resource") for condition in statement.conditions
    )


def _roles_of_any_account(statement: Statement) -> tuple[int, ...]:
    """The numbers of the resources that are roles with a certain name in any account."""
    return tuple(at for at, name in enumerate(statement.resource_names) if _is_anywhere(name))


def _is_anywhere(resource: str) -> bool:
    head, *rest = arn.split(resource)
    if head != "arn" or len(rest) != arn.FIELDS - 1:
        return False
    _, service, _, account, role = rest
    return (
        service == "iam"
        and account == "*"
        and role.startswith("role/")
        and bool(role.removeprefix("role/").strip("*/"))
    )
