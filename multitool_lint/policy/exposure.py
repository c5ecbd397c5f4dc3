"""Who is let in where a statement names everyone: conditions and denials that restrict it."""

from __future__ import annotations

import re

from multitool_lint.aws import arn, patterns
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import everyone, is_about_roles
from multitool_lint.policy.resources import has_unknown_condition, restricts_values
from multitool_lint.syntax.tree import Node, strings_of

VPC_ENDPOINT = "AWS::EC2::VPCEndpoint"
"""The resource whose policy grants nothing: it limits what passes through it."""

_CALLERS = frozenset(
    {
        "aws:ec2instancesourcevpc",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
        "elasticfilesystem:accessedviamounttarget",
        "kms:calleraccount",
        "lambda:eventsourcetoken",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
    }
)
"""The keys that tell one caller or network from another, in lower case.

Those by which Amazon S3 and IAM Access Analyzer tell public access from other access:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

_IN_EVERY_REQUEST = frozenset({"aws:sourceip", "kms:calleraccount", "sns:endpoint"})
"""Those of them that requests have, anonymous ones included, bar few: `IfExists` restricts there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

_IN_SIGNED_REQUESTS = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:userid"}
)
"""Those that anonymous requests lack, which cannot assume roles."""

_WHOLE_KIND = re.compile(r"([\w-]+[/:])?[*?/:]*")
"""The last field of an ARN that names all resources of a kind, or all of a service."""

_ALL_ADDRESSES = frozenset({"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"})


def lets_everyone_in(statement: Statement) -> bool:
    """Whether no condition of an Allow statement restricts who may use it."""
    return not has_unknown_condition(statement) and not any(
        _is_about_callers(condition)
        and restricts_values(condition)
        and _is_asked_of_all(condition, statement)
        and not _is_everywhere(condition)
        for condition in statement.conditions
    )


def _is_asked_of_all(condition: Condition, statement: Statement) -> bool:
    """Whether a condition also restricts callers without the key, whom `IfExists` lets through."""
    operator = condition.comparison
    key = condition.lower_key
    return (
        not operator.if_exists
        or key in _IN_EVERY_REQUEST
        or (key in _IN_SIGNED_REQUESTS and is_about_roles(statement))
    )


def is_denied_to_most(policy: Policy, allowed: Statement) -> bool:
    """Whether a Deny for all but some callers covers what a statement allows."""
    actions = _allowed(allowed.actions, negated=allowed.negates_actions)
    resources = _allowed(allowed.resources, negated=allowed.negates_resources)
    return any(
        other.effect == "Deny"
        and _spares_only_some(other)
        and not other.negates_actions
        and not other.negates_resources
        and patterns.all_covered(actions, _denied(other.actions))
        and patterns.all_covered(resources, _denied(other.resources))
        for other in policy.statements
    )


def _allowed(nodes: tuple[Node, ...], *, negated: bool) -> list[str]:
    return ["*"] if negated else [text.lower() for _, text in strings_of(nodes)]


def _denied(nodes: tuple[Node, ...]) -> list[str]:
    """The patterns of a Deny; what is unknown may be anything."""
    return [node.value.lower() if isinstance(node.value, str) else "*" for node in nodes]


def _spares_only_some(denial: Statement) -> bool:
    if denial.principal and denial.principal.key == "NotPrincipal":
        return True
    if everyone(denial) is None:
        return False
    # A second condition could spare others: only what restricts alone is certain.
    return has_unknown_condition(denial) or all(map(_excludes_strangers, denial.conditions))


def _excludes_strangers(condition: Condition) -> bool:
    """Whether a condition of a Deny holds for all callers but some."""
    operator = condition.comparison
    if operator.family == "Bool":
        return condition.lower_key in ("aws:principalisawsservice", "aws:viaawsservice")
    return operator.negated and _is_about_callers(condition)


def _is_about_callers(condition: Condition) -> bool:
    key = condition.lower_key
    return key in _CALLERS or key.startswith("aws:principaltag/")


def _is_everywhere(condition: Condition) -> bool:
    """Whether a value of a condition stands for all addresses, or for ARNs of every account."""
    key = condition.lower_key
    if key == "aws:sourceip":
        return not _ALL_ADDRESSES.isdisjoint(condition.names)
    return key.endswith("arn") and any(map(_is_of_any_account, condition.names))


def _is_of_any_account(text: str) -> bool:
    """Whether an ARN is any of a kind, in any account; what has a name may be one of its own."""
    fields = arn.fields(text)
    return (
        fields is not None
        and not fields.account.strip("*")
        and _WHOLE_KIND.fullmatch(fields.resource) is not None
        and patterns.has_wildcard(text)
    )
