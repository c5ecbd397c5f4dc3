"""Conditions on the audience of a token, which only the owner of the provider can confirm."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import UNKNOWN


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every condition on the audience claim of an OIDC provider."""
    for statement in policy.statements:
        for condition in statement.conditions if statement.effect else ():
            provider, _, claim = condition.lower_key.rpartition(":")
            operator = condition.comparison
            # The keys of SAML have no domain before the claim; audience-claim reports ForAnyValue.
            if claim != "aud" or "." not in provider:
                continue
            if (
                operator.family
                and operator.qualifier != "ForAnyValue"
                and any(node.value is not UNKNOWN for node in condition.values)
            ):
                yield context.finding(
                    condition.key,
                    f"The audience in {quoted(condition.key.key)} cannot be confirmed",
                    label="the application that the token is issued for",
                    notes=("which audiences a provider issues is not part of the policy",),
                    help="compare the audience that the provider is registered with, by an "
                    "operator without ForAllValues or ForAnyValue",
                )
