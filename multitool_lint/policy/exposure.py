"""Who is allowed where a statement names everyone: conditions and denials that restrict it.

What counts as public is what AWS documents for Amazon S3, Amazon DynamoDB and Amazon EFS:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html
https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
"""

from __future__ import annotations

import re

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.condition_values import network
from multitool_lint.aws.policy_variables import PolicyVariable, is_part, replaced
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import everyone, is_about_roles, principal_values
from multitool_lint.policy.resources import has_unknown_condition, restricts_values
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, strings_of

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
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "elasticfilesystem:accessedviamounttarget",
        "kms:calleraccount",
        "lambda:eventsourcetoken",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
    }
)
"""The keys whose fixed values name an owner or a network, in lower case.

Everyone can give a user of their account any name or tag, and has private addresses in a VPC:
`aws:username`, `aws:PrincipalTag` and `aws:VpcSourceIp` restrict nothing by themselves.
"""

_IN_EVERY_REQUEST = frozenset({"kms:calleraccount", "sns:endpoint"})
"""Those of them that no request lacks, so that `IfExists` restricts there.

Requests through a VPC endpoint, which everyone may have, lack `aws:SourceIp`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

_IN_SIGNED_REQUESTS = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:userid"}
)
"""Those that anonymous requests lack, which cannot assume roles."""

_FLAGS = frozenset({"aws:principalisawsservice", "elasticfilesystem:accessedviamounttarget"})
"""Those of them that restrict access if they are true."""

_ENDS_OF_IDS = {
    "aws:principalorgpaths": "/",
    "aws:sourceorgpaths": "/",
    "aws:userid": ":",
    "aws:vpceorgpaths": "/",
}
"""What ends the id of the owner in a value, after which it may have wildcards."""

_OWNERS = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
"""The variables for who owns the resource: nobody else can choose their values.

Block Public Access counts every policy variable as public, and rejects these as well.
"""

_SOURCE_ARN = "aws:sourcearn"
_TEXT_FAMILIES = ("ARN", "String")

_ACCESS_POINT_ARN = "s3:dataaccesspointarn"

_BUCKET = lazy_pattern(r"[\w.-]+")
"""The name of a bucket, which no two accounts use for theirs."""

_ACCOUNT = lazy_pattern(r"[0-9_]+")
"""The id of an account, or what a template fills in."""

_SHORTEST_PREFIXES = {4: 8, 6: 32}
"""The widest ranges of addresses that are not public, by the version of the protocol."""


def lets_everyone_in(statement: Statement) -> bool:
    """Whether no condition of an Allow statement restricts who may use it."""
    return not has_unknown_condition(statement) and not any(
        restricts_values(condition)
        and _has_fixed_values(condition, statement)
        and _is_asked_of_all(condition, statement)
        for condition in statement.conditions
    )


def _is_asked_of_all(condition: Condition, statement: Statement) -> bool:
    """Whether a condition also restricts callers without the key.

    `IfExists` and `ForAllValues` let them through, unless another condition asks for the key.
    """
    operator = condition.comparison
    key = condition.lower_key
    return (
        not (operator.if_exists or operator.qualifier == "ForAllValues")
        or key in _IN_EVERY_REQUEST
        or (key in _IN_SIGNED_REQUESTS and is_about_roles(statement))
        or any(other.lower_key == key and _asks_for_key(other) for other in statement.conditions)
    )


def _asks_for_key(condition: Condition) -> bool:
    operator = condition.comparison
    return (
        operator.family == "Null"
        and operator.qualifier is None
        and [str(node.value).lower() for node in condition.values] == ["false"]
    )


def open_sources(statement: Statement) -> list[Node]:
    """The values of conditions on aws:SourceArn that match resources of any account.

    None if callers without the key are allowed, too: only requests of AWS services have it.
    """
    return [
        node
        for condition in statement.conditions
        if condition.lower_key == _SOURCE_ARN
        and condition.comparison.family in _TEXT_FAMILIES
        and not condition.comparison.negated
        and _is_asked_of_all(condition, statement)
        for node in condition.values
        if isinstance(node.value, str) and not _is_fixed(condition, node.value)
    ]


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
    if has_unknown_condition(denial):
        return True
    if denial.principal and denial.principal.key == "NotPrincipal":
        if names_everyone_but_some(denial) is None:
            return False
    elif everyone(denial) is None:
        return False
    # A further condition could spare others.
    return not denial.conditions or (
        any(_excludes_strangers(condition, denial) for condition in denial.conditions)
        and all(
            _excludes_strangers(condition, denial) or _is_false(condition, "aws:viaawsservice")
            for condition in denial.conditions
        )
    )


def names_everyone_but_some(statement: Statement) -> Member | None:
    """Find the NotPrincipal of a statement for all principals but those that it lists."""
    principal = statement.principal
    if principal is None or principal.key != "NotPrincipal" or principal.value.value == "*":
        return None
    if any(value.text == "*" for value in principal_values(statement, "AWS")):
        return None
    return principal


def _excludes_strangers(condition: Condition, denial: Statement) -> bool:
    """Whether a condition of a Deny holds for all callers but some."""
    operator = condition.comparison
    key = condition.lower_key
    if key in _FLAGS and _is_false(condition, key):
        return operator.if_exists or key not in _IN_SIGNED_REQUESTS
    return (
        operator.negated
        and operator.qualifier != "ForAnyValue"
        and _has_fixed_values(condition, denial)
    )


def _is_false(condition: Condition, key: str) -> bool:
    return condition.lower_key == key and all(
        node.value is UNKNOWN or str(node.value).lower() == "false" for node in condition.values
    )


def _has_fixed_values(condition: Condition, statement: Statement) -> bool:
    """Whether each value of a condition names one owner or network; what is unknown may do so."""
    key = condition.lower_key
    if key not in _CALLERS or "Than" in condition.comparison.name:
        return False
    if key == _ACCESS_POINT_ARN and _is_of_access_point(statement):
        return False
    return all(
        node.value is UNKNOWN or _is_fixed(condition, str(node.value)) for node in condition.values
    )


def _is_of_access_point(statement: Statement) -> bool:
    """Whether it is in the policy of an access point, through which all of its requests come."""
    return any(":accesspoint/" in name for name in statement.resource_names)


def _is_fixed(condition: Condition, text: str) -> bool:
    operator = condition.comparison
    key = condition.lower_key
    if key in _FLAGS:
        return text.lower() == "true"
    if not operator.accepts_wildcards:
        text = re.sub(r"[*?]", "_", text)
    pattern = replaced(text, _known_part)
    if operator.family == "IPAddress" and pattern == text:
        addresses = network(text)
        return (
            addresses is not None and addresses.prefixlen >= _SHORTEST_PREFIXES[addresses.version]
        )
    if key.endswith("arn") or pattern.startswith("arn:"):
        return _has_owner(pattern)
    if key == "sns:endpoint":
        return not arn.matches_all(pattern)
    end = _ENDS_OF_IDS.get(key)
    return not patterns.has_wildcard(pattern.partition(end)[0] if end else pattern)


def _known_part(variable: PolicyVariable) -> str:
    """A wildcard for a policy variable, a letter for the owner and for what a template fills in."""
    owner = variable.key.lower() in _OWNERS and variable.default is None
    return "_" if owner or variable.escaped or is_part(variable.key) else "*"


def _has_owner(text: str) -> bool:
    """Whether all ARNs that match a pattern belong to one account."""
    fields = arn.fields(text)
    if fields is None or not patterns.has_wildcard(text):
        return not patterns.has_wildcard(text)
    if fields.service == "s3" and _BUCKET.fullmatch(fields.resource):
        return True
    return _ACCOUNT.fullmatch(fields.account) is not None
