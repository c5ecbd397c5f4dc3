"""The statements of the managed policies of AWS that a module attaches."""

from __future__ import annotations

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.managed_policies import managed_policies, newest_document
from multitool_lint.policy.managed_references import named_by
from multitool_lint.syntax.terms import StatementValue, Text, Value
from multitool_lint.values import statements

_UNKNOWN = "${}"


def arn_of(name: Value) -> str | None:
    """The ARN of the policy of a name; None for one of the account, or that is not known."""
    policy = managed_policies(bundled()).get(name) if isinstance(name, str) else None
    return policy.arn if policy and policy.version else None


def statements_of(value: Value) -> list[StatementValue]:
    """The statements of the policy that an ARN names; none if it is not known what that says."""
    if isinstance(value, Text):
        value = "".join(part if isinstance(part, str) else _UNKNOWN for part in value.parts)
    named = named_by(value) if isinstance(value, str) else None
    name = named.known_name(bundled()) if named else None
    return statements.statements_of(newest_document(bundled(), name)) if name else []
