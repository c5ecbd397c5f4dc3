"""Conditions that compare the audience of a token, which is a single value, as a list."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.diagnostics.fixes import write_operator
from multitool_lint.policy.document import Condition, Policy, Statement


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every ForAnyValue on the audience claim of an OIDC provider."""
    for statement in policy.statements:
        for condition in statement.conditions if statement.effect else ():
            provider, _, claim = condition.lower_key.rpartition(":")
            # The keys of SAML have no domain before the claim.
            if claim != "aud" or "." not in provider:
                continue
            if condition.comparison.qualifier == "ForAnyValue":
                yield _for_any_value(statement, condition, context)


def _for_any_value(statement: Statement, condition: Condition, context: Context) -> Finding:
    name = condition.operator.key.rpartition(":")[2]
    return context.finding(
        condition.key,
        f"ForAnyValue is used on {quoted(condition.key.key)}, which is a single value",
        label="the audience of a token",
        related=(related(condition.operator, "for keys with several values"),),
        help=f"use {name} with the audience that the provider is registered with",
        fixes=write_operator(statement, condition, name),
    )
