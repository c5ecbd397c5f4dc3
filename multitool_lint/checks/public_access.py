"""Resources and roles that everyone can access."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws import arn, patterns
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy import pointer as pointers
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.exposure import (
    is_denied_to_most,
    lets_everyone_in,
    names_everyone_but_some,
)
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import everyone
from multitool_lint.policy.visibility import Visibility

_WEB_SITE = re.compile(r"web-?site|static-?site|:::www\.", re.IGNORECASE)

_EVERYONE = (
    "this includes all AWS accounts and, where the service accepts them, unauthenticated requests"
)

_ACCESS_POINT = "AWS::S3::AccessPoint"
"""A resource that is not public to Amazon S3 if it accepts requests from a VPC only."""

_READING = frozenset({"s3:getobject", "s3:getobjectversion"})

_DOMAINS: dict[Visibility | None, Severity | None] = {
    Visibility.INTERNET: None,
    Visibility.VPC: Severity.SUGGESTION,
}

_SERVICES_OF_ANY_RESOURCE = frozenset(
    {"backup", "codeartifact", "ecr", "elasticfilesystem", "kms", "secretsmanager", "sns", "sqs"}
)
"""The services of whose resource policies AWS documents examples with `"Resource": "*"`."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement for everyone without a restriction."""
    if policy.resource_type == VPC_ENDPOINT or (
        policy.resource_type == _ACCESS_POINT and policy.visibility is Visibility.VPC
    ):
        return
    for statement in policy.statements:
        if not statement.allows:
            continue
        place = everyone(statement) or names_everyone_but_some(statement)
        if place is None or not lets_everyone_in(statement):
            continue
        if (
            policy.type is PolicyType.RESOURCE and not policy.resource_type and _is_endpoint(policy)
        ) or is_denied_to_most(policy, statement):
            continue
        is_role = policy.type is PolicyType.TRUST
        yield context.finding(
            place,
            "Anyone with an AWS account can assume this role"
            if is_role
            else "Anyone can access this resource",
            label="everyone",
            related=(related(statement.action, "can do this"),) if statement.action else (),
            notes=() if is_role else (_EVERYONE,),
            help="specify the principals, or add a condition, such as on aws:PrincipalOrgID"
            f"{'' if is_role else ' or aws:SourceArn'}",
            severity=_severity(policy, statement),
        )


def _severity(policy: Policy, statement: Statement) -> Severity | None:
    """Lower where public access is often intended: an API, a domain in a VPC, a website, a URL.

    So it is where the file makes a bucket public in other ways, too. A public policy of a bucket
    that blocks public access is rejected by AWS or has no effect:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

    An API without a policy is open to everyone. A domain in a VPC can be reached only from there:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html#vpc-security
    """
    actions = {text.lower() for _, text in statement.action_texts}
    if actions and actions <= {"execute-api:invoke"}:
        return Severity.SUGGESTION
    if actions and all(action.startswith("es:") for action in actions):
        return _DOMAINS.get(policy.visibility, Severity.WARNING)
    if policy.visibility is Visibility.BLOCKED or any(map(_is_of_public_url, statement.conditions)):
        return Severity.WARNING
    named = [text for _, text in statement.resource_texts]
    sid = pointers.text(policy, statement.sid) if statement.sid else ""
    if actions and actions <= _READING:
        if policy.visibility is Visibility.PUBLIC:
            return Severity.SUGGESTION
        if any(map(_WEB_SITE.search, (sid, *named))):
            return Severity.WARNING
    return None


def _is_of_public_url(condition: Condition) -> bool:
    """Whether a condition matches requests to the public URL of a Lambda function.

    Such a URL needs a statement with each of the two: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    test = condition.lower_key, tuple(name.lower() for name in condition.names)
    return test in (
        ("lambda:functionurlauthtype", ("none",)),
        ("lambda:invokedviafunctionurl", ("true",)),
    )


def _is_endpoint(policy: Policy) -> bool:
    """Whether a policy is probably that of a VPC endpoint, which restricts traffic.

    Such a policy covers every resource, or the resources of several services.
    """
    services = set()
    for statement in policy.statements:
        if not statement.allows:
            continue
        everything = any(arn.matches_all(text) for _, text in statement.resource_texts)
        for _, text in statement.action_texts:
            prefix, colon, _ = text.lower().partition(":")
            if everything and (
                not colon
                or patterns.has_wildcard(prefix)
                or prefix not in _SERVICES_OF_ANY_RESOURCE
            ):
                return True
            if colon:
                services.add(prefix)
    return len(services) > 1
