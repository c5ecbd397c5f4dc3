"""Trust in a SAML provider without a condition on the endpoint that its assertions are for."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.policy.trust import WITH_SAML, named_actions

_AUDIENCE = "saml:aud"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement that accepts assertions for any endpoint."""
    for statement in policy.statements:
        if not (statement.allows and statement.principal and statement.action):
            continue
        if WITH_SAML.lower() not in named_actions(statement) or has_unknown_condition(statement):
            continue
        if not any(map(_compares_audience, statement.conditions)):
            yield context.finding(
                statement.principal.value,
                "This trust policy accepts SAML assertions for any endpoint",
                label="no condition on SAML:aud",
                related=(related(statement.action, "accepts assertions"),),
                help='add a condition on SAML:aud, such as "https://signin.aws.amazon.com/saml"',
            )


def _compares_audience(condition: Condition) -> bool:
    operator = condition.comparison
    return condition.lower_key == _AUDIENCE and operator.family == "String" and not operator.negated
