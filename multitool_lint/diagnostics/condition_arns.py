"""Findings about ARNs that never are that of the principal of a request, or of its source."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Condition, Statement
from multitool_lint.policy.principals import users_and_roles
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import partly_known_text

_PRINCIPAL_ARN = "aws:principalarn"
_SOURCE_ARN = "aws:sourcearn"
ARN_KEYS = frozenset({_PRINCIPAL_ARN, _SOURCE_ARN})
_SESSION = lazy_pattern(r"arn:[^:]+:sts::[^:]*:assumed-role/")
"""The ARN of a session of a role.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
"""
_PRINCIPALS = ("", "iam", "sts")
"""The services in the ARNs of principals; where there is none, another rule reports the ARN."""
_SESSIONS = ("assumed-role/", "federated-user/")
"""How the resources in ARNs of AWS STS begin, which are sessions."""


def unmatched_arns(
    statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """The findings about the values of one of these keys."""
    if condition.lower_key == _PRINCIPAL_ARN:
        yield from _principal_arns(condition, context)
    else:
        yield from _source_arns(statement, condition, context)


def _principal_arns(condition: Condition, context: Context) -> Iterator[Finding]:
    """The findings about ARNs of sessions, and each that is not one of a principal."""
    yield from _sessions(condition, context)
    for node, text in condition.texts:
        if not _may_be_principal(text):
            yield context.finding(
                node,
                f"{quoted(text)} never matches {condition.key.key}",
                label="not the ARN of a principal",
                help='specify a user or role, such as "arn:aws:iam::111122223333:role/name"',
                severity=Severity.WARNING,
            )


def _source_arns(statement: Statement, condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding for each value of `aws:SourceArn` that is a principal of IAM, or a session.

    No service acts on behalf of one. Where only users and roles are allowed, another rule reports
    the key.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn
    """
    is_of_callers = statement.principal is None or bool(users_and_roles(statement))
    if statement.allows and is_of_callers and not condition.comparison.holds_without_key:
        return
    for node in condition.values:
        text = partly_known_text(node)
        fields = arn.fields(text)
        if fields is not None and fields.service in ("iam", "sts"):
            yield context.finding(
                node,
                f"{quoted(as_written(text))} never matches {condition.key.key}",
                label="not a resource that a service acts for",
                help="specify the resource for which the service calls; for a user or role, use "
                "aws:PrincipalArn",
                severity=Severity.WARNING,
            )


def _sessions(condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding if all values are ARNs of sessions, for which the key has the ARN of the role."""
    texts = list(condition.texts)
    if len(texts) < condition.value_count:
        return
    principals = [(node, text) for node, text in texts if _may_be_principal(text)]
    if not all(_SESSION.match(text) for _, text in principals):
        return
    for node, text in principals:
        yield context.finding(
            node,
            f"{quoted(text)} never matches {condition.key.key}",
            label="the ARN of a session",
            notes=("for the session of a role, the key contains the ARN of the role",),
            help='specify the role, such as "arn:aws:iam::111122223333:role/name"',
            severity=Severity.WARNING,
        )


def _may_be_principal(text: str) -> bool:
    fields = arn.fields(text)
    if fields is None or has_wildcard(fields.service):
        return True
    if fields.service == "sts":
        begins, _, _ = fields.resource.partition("/")
        return has_wildcard(begins) or fields.resource.startswith(_SESSIONS)
    return fields.service in _PRINCIPALS
