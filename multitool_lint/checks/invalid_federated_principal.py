"""Identity providers as principals where they are not supported, or not in a valid form."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.identity_providers import provider, without_scheme
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.fixes import write
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import is_about_roles, principal_values
from multitool_lint.syntax.tree import UNKNOWN

_FORMS = (
    "the ARN of an identity provider has the form arn:aws:iam::111122223333:saml-provider/name or "
    "arn:aws:iam::111122223333:oidc-provider/idp.example.com"
)
_ADVICE = (
    "use the ARN of an identity provider, or the domain of a web identity provider such as "
    "accounts.google.com"
)
_CODE = "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such element, or in a trust policy for every such value."""
    for statement in policy.statements:
        if statement.principal is None:
            continue
        if policy.type is PolicyType.TRUST or is_about_roles(statement):
            yield from _malformed(statement, context)
        elif not _is_undecided(statement):
            yield from _unsupported(statement, context)


def _malformed(statement: Statement, context: Context) -> Iterator[Finding]:
    for value in principal_values(statement, "Federated"):
        text = value.text
        if "${" in text or patterns.has_wildcard(text) or provider(text) is not None:
            continue
        bare = without_scheme(text)
        is_url = bare != text and provider(bare) is not None
        if has_placeholder(text):
            yield to_be_replaced(context, value.node, text, _CODE)
        else:
            yield context.finding(
                value.node,
                f"{quoted(text)} is not a valid identity provider",
                notes=(_FORMS,),
                help="name the provider without https://" if is_url else _ADVICE,
                issue_code=_CODE,
                fixes=write(value.node, bare) if is_url else (),
            )


def _is_undecided(statement: Statement) -> bool:
    """Whether no action is known, so that the policy may still be a trust policy."""
    return all(node.value is UNKNOWN for node in statement.actions)


def _unsupported(statement: Statement, context: Context) -> Iterator[Finding]:
    principal = statement.principal
    if principal and (member := principal.value.fields().find("Federated")):
        yield context.finding(
            member,
            "An identity provider can be a principal only in a role trust policy",
            help="use the role that the users of the identity provider assume as principal",
            issue_code="FEDERATED_PRINCIPAL_NOT_SUPPORTED",
        )
